"""Account statements: what page, CSV and PDF say is the ledger; the worker stores them once."""

import datetime as dt
import hashlib
import io
import zipfile

import pytest
import time_machine
from django.core.files.storage import default_storage
from pypdf import PdfReader

from billing import services, tasks
from billing.models import AccountStatement
from billing.reports.account_statements import account_of, csv_rows, snapshot_of
from billing.reports.office import office_profile
from billing.services.account_statements import pack_parts
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from billtracker.core.process.jobs import JobFailed
from tests.factories import (
    make_allocation,
    make_client,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def casa():
    """A client that was charged 1,000.00 and 2,500.50 on 1 November and paid 1,200.00 the day after."""
    make_office()
    client = make_client(name="Casa Niña ₱ Ελλάδα")
    old = make_issued(client=client, amount="1000.00")
    make_issued(client=client, amount="2500.50")
    payment = make_payment(client, "1200.00")
    make_allocation(payment, old, "1000.00")
    return client


@pytest.fixture
def biller():
    return make_office_user("Biller")


def asked(actor, client, currency="PHP", first=FIRST, last=LAST):
    return services.request_account(
        actor=actor, client=client, currency=currency, first_day=first, last_day=last
    )


@pytest.mark.parametrize(
    ("first", "figures"),
    [
        (
            FIRST,
            [
                ("", "", "0.00"),
                ("1000.00", "", "1000.00"),
                ("2500.50", "", "3500.50"),
                ("", "1200.00", "2300.50"),
                ("", "", "2300.50"),
            ],
        ),
        (FIRST.replace(day=2), [("", "", "3500.50"), ("", "1200.00", "2300.50"), ("", "", "2300.50")]),
        (FIRST.replace(day=3), [("", "", "2300.50"), ("", "", "2300.50")]),
    ],
)
def test_the_account_opens_with_what_was_owed_and_closes_with_what_is(casa, first, figures):
    rows = csv_rows(account_of(casa, "PHP", first, LAST))
    assert [(f"{row['charged']}", f"{row['settled']}", f"{row['balance']}") for row in rows] == figures


def test_the_pdf_says_what_the_page_says_and_is_stored_with_its_digest(casa, biller):
    row = asked(biller, casa)
    assert row.state == "waiting"
    assert tasks.make_account(row.pk) == "Made one account statement."
    row.refresh_from_db()
    content = services.read_account(row)
    assert (row.state, row.sha256) == ("done", hashlib.sha256(content).hexdigest())
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    snapshot = snapshot_of(account_of(casa, "PHP", FIRST, LAST), office_profile())
    for line in snapshot["lines"]:
        assert line["charged"] + line["settled"] in text
        assert line["balance"] in text
    assert snapshot["closing"] in text
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="account.")] == [
        "account.requested", "account.made",
    ]  # fmt: skip


def test_made_twice_it_is_one_file_and_one_entry(casa, biller):
    row = asked(biller, casa)
    tasks.make_account(row.pk)
    first = AccountStatement.objects.get(pk=row.pk)
    services.make_account(row=row)
    assert AccountStatement.objects.get(pk=row.pk).made_at == first.made_at
    assert AuditEntry.objects.filter(action="account.made").count() == 1


def test_all_clients_that_owe_or_have_credit_are_packed_with_their_checksums(casa, biller):
    make_payment(make_client(currency="JPY"), "500")
    make_client(name="Owes nothing")
    batch = services.request_accounts(actor=biller, first_day=FIRST, last_day=LAST)
    assert batch.parts.count() == 2
    for part in batch.parts.all():
        tasks.make_account(part.pk)
    assert tasks.pack_accounts(batch.pk) == "Packed the account statements."
    batch.refresh_from_db()
    content = services.read_account(batch)
    archive = zipfile.ZipFile(io.BytesIO(content))
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert len(sums) == 2
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    parts = list(batch.parts.select_related("client").order_by("client__name_key", "client", "currency"))
    assert pack_parts(parts) == content


def test_a_part_that_cannot_be_made_is_told_and_stops_no_other(casa, biller, monkeypatch):
    batch = services.request_accounts(actor=biller, first_day=FIRST, last_day=LAST)
    monkeypatch.setattr("billing.documents.pdf.account_pdf", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(JobFailed):
        tasks.make_account(batch.parts.get().pk)
    with pytest.raises(JobFailed, match="1 of 1"):
        tasks.pack_accounts(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == ("done", "1 of 1 could not be made.")


def test_a_changed_file_is_never_given(casa, biller):
    row = asked(biller, casa)
    tasks.make_account(row.pk)
    row.refresh_from_db()
    default_storage.delete(row.path)
    with pytest.raises(DomainError, match="missing"):
        services.read_account(row)


def test_spans_and_roles_are_checked(casa, biller):
    for first, last in ((LAST, FIRST), (dt.date(1990, 1, 1), LAST)):
        with pytest.raises(DomainError):
            asked(biller, casa, first=first, last=last)
    with pytest.raises(NotAllowed):
        asked(make_office_user("Viewer"), casa)
    with pytest.raises(DomainError, match="Nobody owes"):
        services.request_accounts(actor=biller, first_day=dt.date(2001, 1, 1), last_day=dt.date(2001, 2, 1))
