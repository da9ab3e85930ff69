"""The two files of a real household, from upload to undo."""

import csv
import datetime as dt
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps

from bills.models import Bill, Category, Occurrence, Payment
from bills.reports.tracker import month_tracker
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import AuditEntry, ImportBatch, ImportedThing, ImportPreview, ImportRow
from billtracker.core.periods import Month

FOLDER = Path(__file__).parents[2] / "data"
BILLS, PAYMENTS = FOLDER / "bills-household.csv", FOLDER / "payments-2026.csv"
NOVEMBER = Month(2026, 11)
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))


def previewed(household, owner, kind, path, **answers):
    """Upload a file and take every guess about its columns."""
    preview = previews.upload_file(
        actor=owner, scope=household.audit_scope, kind=kind, name=path.name, content=path.read_bytes()
    )
    sheet = previews.sheet_of(preview)
    options = {"start_month": "2026-01"} if kind == "bills" else {}
    given = {"decimal_mark": "", "date_order": "", "options": options, **preview.answers, **answers}
    stored = columns.as_stored(handler_for(kind), household.audit_scope, sheet, **given)
    previews.answer_columns(preview=preview, answers=stored)
    preview.refresh_from_db()
    return preview


def brought_in(household, owner, kind, path):
    return batches.apply_preview(actor=owner, preview=previewed(household, owner, kind, path))


def everything():
    """Every row of every table but the audit log and the imports themselves."""
    kept = {AuditEntry, ImportPreview, ImportRow, ImportBatch, ImportedThing}
    models = [m for m in apps.get_models() if m not in kept and m._meta.label != "core.AuditChain"]
    return {m._meta.label: sorted(map(str, m._base_manager.values_list())) for m in models}


def row(preview, number):
    return preview.rows.get(number=number)


def test_broken_rows_the_duplicate_and_the_euro_row_are_shown_for_what_they_are(household, owner):
    preview = previewed(household, owner, "bills", BILLS)
    assert Counter(preview.rows.values_list("status", flat=True)) == {"ok": 29, "problem": 2, "duplicate": 1}
    amount, day = row(preview, 32), row(preview, 33)
    assert (amount.column, amount.sentence) == ("amount", "'12.34.56' is not an amount.")
    assert (day.column, day.sentence) == ("due_day", "There is no day 32 in any month.")
    assert (row(preview, 31).sentence, row(preview, 31).is_chosen) == ("The same as row 2.", False)
    euro = row(preview, 27)
    assert euro.original["amount"] == "€12,50"
    assert (euro.understood["Bill"], euro.understood["Amount"]) == ("Café membership “Zoë”", "12.50 EUR")


def test_nothing_is_written_before_apply(household, owner):
    before = everything()
    previewed(household, owner, "bills", BILLS)
    assert everything() == before


def test_a_name_that_looks_like_a_formula_stays_text(household, owner):
    brought_in(household, owner, "bills", BILLS)
    assert Bill.objects.filter(name='=HYPERLINK("http://x")', expected_amount=Decimal("1.00")).count() == 1


def test_every_kind_of_schedule_is_understood(household, owner):
    brought_in(household, owner, "bills", BILLS)
    rules = Bill.objects.values_list("name", "unit", "interval", "start_date", "due_day", "second_due_day")
    found = {name: rule for name, *rule in rules}
    assert found["Electric - Consumers"] == ["month", 1, dt.date(2026, 1, 12), 12, None]
    assert found["Water & Sewer"] == ["month", 3, dt.date(2026, 2, 20), 20, None]
    assert found["Newspaper"] == ["week", 1, dt.date(2026, 1, 5), None, None]
    assert found["Gym"] == ["week", 2, dt.date(2026, 1, 9), None, None]
    assert found["Piano lessons"] == ["week", 4, dt.date(2026, 1, 12), None, None]
    assert found["School lunch account"] == ["twice_a_month", 1, dt.date(2026, 1, 1), 1, 15]
    assert found["Property tax"] == ["month", 6, dt.date(2026, 1, 31), 31, None]
    assert found["Vehicle registration"] == ["year", 1, dt.date(2024, 2, 29), 29, None]
    assert set(Bill.objects.values_list("tracked_from", flat=True)) == {dt.date(2026, 1, 1)}
    assert list(Occurrence.objects.filter(bill__name="Vehicle registration").values_list("due_date")) == [
        (dt.date(2026, 2, 28),),
        (dt.date(2027, 2, 28),),
    ]


def test_all_payments_find_their_due_date(household, owner):
    brought_in(household, owner, "bills", BILLS)
    preview = previewed(household, owner, "payments", PAYMENTS)
    assert set(preview.rows.values_list("status", flat=True)) == {"ok"}
    assert preview.answers["date_order"] == "dmy"
    assert row(preview, 2).understood["Settles"] == "the one due 1 Jan 2026"
    assert row(preview, 3).understood["Settles"] == "the one due 1 Feb 2026"
    electric = preview.rows.filter(understood__Bill="Electric - Consumers")
    assert electric[0].sentence == "A part of what is owed: 45.84 USD stay open."
    assert electric[1].sentence == "47.11 USD more than is owed."


def test_november_shows_the_totals_that_the_files_add_up_to(household, owner):
    brought_in(household, owner, "bills", BILLS)
    brought_in(household, owner, "payments", PAYMENTS)
    month = month_tracker(household, NOVEMBER, TODAY)
    totals = {total.currency: (total.expected, total.paid) for total in month.totals}
    assert totals == {
        "EUR": (Decimal("12.50"), Decimal(0)),
        "USD": (november_expected(), november_paid()),
    }


# --- the same numbers, straight from the files --------------------------------------------------
# How often each bill falls due in November 2026: the rest are the 1st to 30th of a month, once.
TIMES = {
    "Water & Sewer": 1,  # 20 Feb, May, Aug, Nov
    "Car insurance": 0,  # 3 Mar, Sep
    "Home insurance": 0,  # 17 June
    "Newspaper": 5,  # Mondays 2, 9, 16, 23, 30
    "Gym": 2,  # Fridays 13, 27 of every second week since 9 Jan
    "Piano lessons": 1,  # Monday 16, every fourth since 12 Jan
    "School lunch account": 2,  # 1, 15
    "HOA dues": 0,  # 10 Jan, Apr, Jul, Oct
    "Property tax": 0,  # 31 Jan, Jul
    "Vehicle registration": 0,  # 29 Feb
    "Domain names": 0,  # 14 May
    "Lawn care": 2,  # Fridays 13, 27 of every second week since 3 Apr
    "Café membership “Zoë”": 0,  # in euro, counted apart
    "Broken amount": 0,
    "Broken day": 0,
}


def records(path, delimiter):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=delimiter))


def plain(text):
    return Decimal(text.replace("$", "").replace(",", ""))


def november_expected():
    bills = {row["Bill"]: row for row in records(BILLS, ";")}
    times = {name: TIMES.get(name, 1) for name in bills}
    return sum(plain(bills[name]["Amount"]) * count for name, count in times.items() if count)


def november_paid():
    """Payments settle November's due date when they are nearer to it than to its neighbours."""
    days = {row["Bill"]: row["Due day"].rstrip("th") for row in records(BILLS, ";")}
    total = Decimal(0)
    for payment in records(PAYMENTS, ","):
        day, month, year = map(int, payment["paid on"].split("/"))
        due = dt.date(2026, 11, min(int(days[payment["bill"]]), 30))
        if abs(dt.date(year, month, day) - due) <= dt.timedelta(days=15):
            total += plain(payment["amount"])
    return total


def test_the_batches_are_undone_without_a_trace(household, owner):
    before = everything()
    bills = brought_in(household, owner, "bills", BILLS)
    after_bills = everything()
    payments = brought_in(household, owner, "payments", PAYMENTS)
    assert Payment.objects.count() == 152
    assert batches.undo_batch(actor=owner, batch=payments)
    assert everything() == after_bills
    assert batches.undo_batch(actor=owner, batch=bills)
    assert everything() == before
    assert not batches.undo_batch(actor=owner, batch=bills)
    assert audit.verify() == []
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert Counter(actions)["import.undone"] == 2


def test_bills_with_payments_are_not_undone(household, owner):
    bills = brought_in(household, owner, "bills", BILLS)
    brought_in(household, owner, "payments", PAYMENTS)
    before = everything()
    with pytest.raises(DomainError, match=r"There are payments on .+ and others"):
        batches.undo_batch(actor=owner, batch=bills)
    assert everything() == before
    bills.refresh_from_db()
    assert not bills.is_undone


def test_the_same_files_again_are_all_duplicates(household, owner):
    brought_in(household, owner, "bills", BILLS)
    brought_in(household, owner, "payments", PAYMENTS)
    bills = previewed(household, owner, "bills", BILLS)
    payments = previewed(household, owner, "payments", PAYMENTS)
    assert Counter(bills.rows.values_list("status", flat=True)) == {"duplicate": 30, "problem": 2}
    assert set(payments.rows.values_list("status", "is_chosen")) == {("duplicate", False)}
    with pytest.raises(DomainError, match="No row is ticked"):
        batches.apply_preview(actor=owner, preview=payments)
    assert Category.objects.count() == 10
