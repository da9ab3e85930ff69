"""The office's file of clients and engagements, from upload to undo."""

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from billing.models import Client, Contact, Engagement, FeeStep
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import AuditEntry
from billtracker.core.text import comparison_key
from tests.bills.imports.test_bills_household_file import everything
from tests.factories import (
    make_client,
    make_draft,
    make_engagement,
    make_office,
    make_office_user,
)

FILE = Path(__file__).parents[2] / "data" / "office-clients.csv"
HEAD = "client,tin,address,billing email,contact,terms days,group,engagement,type,start,end,fee,interval,billing day,partial periods\n"  # noqa: E501
MONTHS = {"monthly": 1, "quarterly": 3}


@pytest.fixture
def biller(db):
    make_office(currency="PHP")
    return make_office_user("Biller")


def previewed(actor, content=None, **options):
    """Upload a file and take every guess about its columns."""
    content = FILE.read_bytes() if content is None else content
    preview = previews.upload_file(actor=actor, scope="office", kind="clients", name="c.csv", content=content)
    stored = columns.as_stored(
        handler_for("clients"),
        "office",
        previews.sheet_of(preview),
        **preview.answers,
        decimal_mark="",
        date_order="",
        options=options,
    )
    previews.answer_columns(preview=preview, answers=stored)
    preview.refresh_from_db()
    return preview


def checked(actor, *lines, **options):
    """Return (status, column, sentence) of each line under the usual headings."""
    preview = previewed(actor, (HEAD + "\n".join(lines) + "\n").encode(), **options)
    return [(row.status, row.column, row.sentence) for row in preview.rows.all()]


def brought_in(actor, content=None):
    return batches.apply_preview(actor=actor, preview=previewed(actor, content))


def in_file():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- the file ----------------------------------------------------------------------------------
def test_the_file_gives_exactly_its_clients(biller):
    brought_in(biller)
    said = {row["client"]: row for row in in_file() if row["tin"]}
    made = {client.name: client for client in Client.objects.all()}
    assert len(made) == len({comparison_key(row["client"]) for row in in_file()}) == 26
    assert set(made) == set(said)
    for name, row in said.items():
        client = made[name]
        assert (client.tax_number, client.address, client.terms_days, client.group, client.currency) == (
            row["tin"], row["address"], int(row["terms days"]), row["group"], "PHP",
        )  # fmt: skip
        contact = client.contacts.get()
        assert (contact.name, contact.email) == (row["contact"], row["billing email"])
        assert contact.is_billing_recipient


def test_the_file_gives_exactly_its_engagements_and_fees(biller):
    brought_in(biller)
    expected = Counter(
        (
            row["client"],
            row["engagement"],
            row["type"],
            dt.date.fromisoformat(row["start"]),
            dt.date.fromisoformat(row["end"]) if row["end"] else None,
            Decimal(row["fee"]),
            MONTHS.get(row["interval"], 1),
            int(row["billing day"] or 1),
            row["partial periods"] or "full",
        )
        for row in in_file()
    )
    steps = FeeStep.objects.select_related("engagement__client")
    made = Counter(
        (
            e.client.name,
            e.title,
            e.kind,
            e.starts_on,
            e.ends_on,
            step.amount,
            e.interval_months,
            e.billing_day,
            e.partial_periods,
        )
        for step in steps
        for e in [step.engagement]
    )
    assert made == expected
    assert Engagement.objects.count() == len(in_file()) == sum(expected.values())
    assert all(step.starts_on == step.engagement.starts_on for step in steps)


def test_each_thing_made_is_in_the_audit_log_once(biller):
    brought_in(biller)
    actions = Counter(AuditEntry.objects.values_list("action", flat=True))
    assert actions["client.created"] == actions["contact.created"] == Client.objects.count()
    assert actions["engagement.created"] == Engagement.objects.count()
    assert actions["import.applied"] == 1
    assert audit.verify(["office"]) == []


def test_a_second_import_finds_nothing_but_duplicates(biller):
    brought_in(biller)
    preview = previewed(biller)
    assert set(preview.rows.values_list("status", flat=True)) == {"duplicate"}
    assert "is there already" in preview.rows.first().sentence
    with pytest.raises(DomainError, match="No row is ticked"):
        batches.apply_preview(actor=biller, preview=preview)


def test_nothing_is_written_before_apply(biller):
    before = everything()
    previewed(biller)
    assert everything() == before


def test_undo_removes_exactly_what_the_file_made(biller):
    make_engagement(make_client(name="Golden Bough Café"), title="Own")
    before = everything()
    batch = brought_in(biller)
    batches.undo_batch(actor=biller, batch=batch)
    assert everything() == before
    assert brought_in(biller).row_count == len(in_file())


# --- what stands on it -------------------------------------------------------------------------
def statement_on(engagement, biller):
    make_draft(engagement.client, engagement=engagement, created_by=biller)


def line_on(engagement, biller):
    make_draft(engagement.client, created_by=biller).lines.update(engagement=engagement)


def fee_on(engagement, biller):
    FeeStep.objects.create(engagement=engagement, starts_on=dt.date(2027, 1, 1), amount=Decimal("1"))


def another_engagement(engagement, biller):
    make_engagement(engagement.client, title="By hand")


def another_contact(engagement, biller):
    Contact.objects.create(client=engagement.client, name="By hand")


def statement_of_client(engagement, biller):
    make_draft(engagement.client, created_by=biller)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (statement_on, "bills an engagement of this file"),
        (line_on, "bills an engagement of this file"),
        (fee_on, "has another fee since"),
        (another_engagement, "an engagement or a statement from elsewhere"),
        (another_contact, "has another contact since: By hand"),
        (statement_of_client, "an engagement or a statement from elsewhere"),
    ],
)
def test_undo_is_refused_when_something_stands_on_it(biller, build, sentence):
    batch = brought_in(biller)
    build(Engagement.objects.get(title="Payroll", client__name="Estrella Textiles"), biller)
    before = everything()
    with pytest.raises(DomainError, match=sentence):
        batches.undo_batch(actor=biller, batch=batch)
    assert everything() == before


# --- clients -----------------------------------------------------------------------------------
def test_a_later_row_of_a_client_may_leave_its_columns_empty_or_fill_them(biller):
    rows = (
        "Acme,,,,,,,Books,retainer,2025-01-01,,100,monthly,,",
        "ACME ,1-2,1 Main St,a@acme.example,Ann,30,North,Audit,special,2025-02-01,,5,,,",
    )
    brought_in(biller, (HEAD + "\n".join(rows)).encode())
    client = Client.objects.get()
    assert (client.name, client.tax_number, client.terms_days, client.group) == ("Acme", "1-2", 30, "North")
    assert client.engagements.count() == 2


def test_rows_that_differ_about_a_client_say_which_counts(biller):
    found = checked(
        biller,
        "Acme,1,,,,,,Books,retainer,2025-01-01,,100,monthly,,",
        "Acme,2,,,,,,Audit,special,2025-02-01,,5,,,",
    )
    assert found[1][2] == "An earlier row says something else about this client; that one counts."


def test_a_client_that_is_there_stays_as_it_is(biller):
    client = make_client(name="Acme", tax_number="old", currency="USD")
    found = checked(biller, "acme,new,,a@acme.example,,,,Books,retainer,2025-01-01,,100,monthly,,")
    assert found == [("ok", "", "The client is there already and stays as it is.")]
    brought_in(
        biller, (HEAD + "acme,new,,a@acme.example,,,,Books,retainer,2025-01-01,,100,monthly,,").encode()
    )
    client.refresh_from_db()
    assert (client.tax_number, client.contacts.get().email) == ("old", "a@acme.example")


def test_new_clients_are_billed_in_the_currency_that_was_answered(biller):
    line = HEAD + "Acme,,,,,,,Books,retainer,2025-01-01,,100,monthly,,"
    batches.apply_preview(actor=biller, preview=previewed(biller, line.encode(), currency="jpy"))
    assert Client.objects.get().currency == "JPY"
    with pytest.raises(DomainError, match="is not a currency code"):
        previewed(biller, line.encode(), currency="gold")


def test_a_client_made_meanwhile_stops_the_apply_and_the_rows_are_checked_again(biller):
    preview = previewed(biller, (HEAD + "Acme,,,,,,,Books,retainer,2025-01-01,,100,monthly,,").encode())
    make_client(name="Acme")
    with pytest.raises(DomainError, match="Something changed"):
        batches.apply_preview(actor=biller, preview=preview)
    assert not Engagement.objects.exists()


def test_who_may_not_edit_clients_brings_none_in(biller):
    preview = previewed(biller)
    with pytest.raises(NotAllowed):
        batches.apply_preview(actor=make_office_user("Viewer"), preview=preview)
    assert not Client.objects.exists()


# --- hostile and broken cells ------------------------------------------------------------------
FINE = {
    "client": "Acme", "tin": "", "address": "", "email": "", "contact": "", "terms": "", "group": "",
    "engagement": "Books", "type": "retainer", "start": "2025-01-01", "end": "", "fee": "100",
    "interval": "monthly", "day": "1", "partial": "full",
}  # fmt: skip


def line(**cells):
    return ",".join(f'"{cell}"' for cell in (FINE | cells).values())


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"client": " "}, "client", "The client has no name."),
        ({"client": "x" * 161}, "client", "longer than 160"),
        ({"client": "\ufdfa" * 100}, "client", "too long to be compared"),
        ({"tin": "1" * 61}, "tax_number", "longer than 60"),
        ({"address": "a" * 601}, "address", "longer than 600"),
        ({"email": "a@b@c"}, "email", "is not an e-mail address"),
        ({"email": "ap@x.example, b@x.example"}, "email", "is not an e-mail address"),
        ({"terms": "-1"}, "terms_days", "whole number from 0 to 365"),
        ({"terms": "366"}, "terms_days", "whole number from 0 to 365"),
        ({"terms": "٣"}, "terms_days", "whole number from 0 to 365"),
        ({"engagement": ""}, "engagement", "has no title"),
        ({"type": ""}, "type", "is not one of: retainer or special"),
        ({"type": "gift"}, "type", "is not one of: retainer or special"),
        ({"start": ""}, "start", "Say when the engagement starts."),
        ({"start": "2025-02-30"}, "start", "is not a date"),
        ({"start": "0001-01-01"}, "start", "out of reach"),
        ({"end": "2024-12-31"}, "end", "ends before it starts"),
        ({"fee": ""}, "fee", "A retainer has a fee."),
        ({"fee": "-1"}, "fee", "not negative"),
        ({"fee": "1.234,5,6"}, "fee", "is not an amount"),
        ({"fee": "100.001"}, "fee", "100.001"),
        ({"fee": "100 USD"}, "fee", "The fee is in USD; this client is billed in PHP."),
        ({"fee": "9" * 30}, "fee", ""),
        ({"fee": "NaN"}, "fee", ""),
        ({"interval": ""}, "interval", "Say how often"),
        ({"interval": "weekly"}, "interval", "is not one of: monthly"),
        ({"interval": "every 5 months"}, "interval", "is not one of: monthly"),
        ({"interval": "every 0 months"}, "interval", "is not one of: monthly"),
        ({"type": "special", "interval": "monthly"}, "interval", "has no interval"),
        ({"day": "0"}, "billing_day", "from 1 to 31"),
        ({"day": "32"}, "billing_day", "from 1 to 31"),
        ({"partial": "half"}, "partial_periods", "is not one of: full, prorated, skip"),
    ],
)
def test_a_row_with_a_problem_names_its_column(biller, cells, column, sentence):
    # A second, plain amount says that the point is the decimal mark.
    (status, where, said), (fine, _, _) = checked(biller, line(**cells), line(client="Other", fee="10.50"))
    assert (status, where, fine) == ("problem", column, "ok")
    assert sentence in said


@pytest.mark.parametrize(
    ("word", "months"),
    [
        ("Monthly", 1),
        ("every month", 1),
        ("every 2 months", 2),
        ("Every two months", 2),
        ("quarterly", 3),
        ("3", 3),
        ("every 3 months", 3),
        ("half-yearly", 6),
        ("semi-annually", 6),
        ("6 months", 6),
        ("yearly", 12),
        ("annual", 12),
        ("12 months", 12),
    ],
)
def test_interval_words(biller, word, months):
    brought_in(biller, (HEAD + line(interval=word)).encode())
    assert Engagement.objects.get().interval_months == months


def test_a_special_engagement_needs_neither_fee_nor_interval(biller):
    brought_in(biller, (HEAD + line(type="Special", interval="", fee="", day="", partial="")).encode())
    assert (Engagement.objects.get().kind, FeeStep.objects.count()) == ("special", 0)


def test_what_looks_like_a_formula_or_markup_stays_text(biller):
    brought_in(biller, (HEAD + line(client="=1+1", engagement="<script>x</script>")).encode())
    assert (Client.objects.get().name, Engagement.objects.get().title) == ("=1+1", "<script>x</script>")


def test_a_row_of_a_client_whose_other_row_is_broken_says_so(biller):
    found = checked(biller, line(terms="soon", tin="1-2"), line(engagement="Audit"))
    assert found[0][:2] == ("problem", "terms_days")
    assert "Another row of this client has a problem" in found[1][2]


def test_the_same_engagement_twice_in_a_file_is_a_duplicate(biller):
    found = checked(biller, line(), line(client="ACME", engagement="books"))
    assert found[1] == ("duplicate", "", "The same as row 2.")
