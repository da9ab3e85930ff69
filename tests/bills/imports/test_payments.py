"""Payments out of a file: matched to bills and due dates, duplicates, what is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from bills import services
from bills.imports.payments import PaymentFiles
from bills.models import Payment, PaymentSplit
from billtracker.core.imports.amounts import AmountReader
from billtracker.core.imports.dates import DateReader
from billtracker.core.imports.rows import Answers, RowCells
from billtracker.core.models import AuditEntry
from tests.bills.conftest import TODAY, saved_bill

ANSWERS = Answers({}, AmountReader(".", "USD"), DateReader("dmy"), {})


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))


@pytest.fixture
def rent(owner, household):
    return saved_bill(owner, household, start_date=dt.date(2026, 1, 1))


def check(household, *rows):
    rows = [
        RowCells(n, dict(zip(("bill", "paid_on", "amount"), row, strict=True)), ANSWERS)
        for n, row in enumerate(rows, start=2)
    ]
    return PaymentFiles().check_rows(household.audit_scope, rows, ANSWERS)


def settles(verdicts):
    return [verdict.understood["Settles"] for verdict in verdicts]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (("Rend", "01/02/2026", "100"), "bill", "There is no bill called “Rend”."),
        (("", "01/02/2026", "100"), "bill", "The row names no bill."),
        (("Rent", "", "100"), "paid_on", "The payment has no date."),
        (("Rent", "31/02/2026", "100"), "paid_on", "'31/02/2026' is not a date."),
        (("Rent", "01/02/2028", "100"), "paid_on", "The payment's date is more than a year ahead."),
        (("Rent", "01/02/2026", ""), "amount", "The amount is missing."),
        (("Rent", "01/02/2026", "0"), "amount", "A payment is more than zero."),
        (
            ("Rent", "01/02/2026", "€100"),
            "amount",
            "“Rent”, due 1 Feb 2026, is owed in USD; a payment in EUR cannot settle it.",
        ),
        (
            ("Rent", "01/10/2025", "100"),
            "paid_on",
            "No open due date of this bill is within 60 days of the payment.",
        ),
    ],
)
def test_a_wrong_row_gets_a_sentence(household, rent, row, column, sentence):
    [verdict] = check(household, row)
    assert (verdict.status, verdict.column, verdict.sentence) == ("problem", column, sentence)
    assert not verdict.may_apply


def test_two_bills_of_one_name_are_not_guessed_between(household, owner, rent):
    saved_bill(owner, household, name="RENT")
    [verdict] = check(household, ("rent", "01/02/2026", "100"))
    assert verdict.sentence == "2 bills are called “Rent”; give them different names."


def test_a_name_is_found_in_any_capitals_and_a_bill_in_the_bin_is_not(household, owner, rent):
    assert check(household, ("  rEnT ", "01/02/2026", "100"))[0].status == "ok"
    services.delete_bill(actor=owner, bill=rent)
    assert check(household, ("Rent", "01/02/2026", "100"))[0].status == "problem"


def test_payments_take_their_due_dates_in_date_order_whatever_the_files_order(household, rent):
    late, early = check(household, ("Rent", "03/02/2026", "100"), ("Rent", "02/02/2026", "100"))
    assert settles([early, late]) == ["the one due 1 Feb 2026", "the one due 1 Mar 2026"]


def test_a_part_leaves_the_due_date_open_for_the_next_payment(household, rent):
    verdicts = check(household, ("Rent", "02/02/2026", "40"), ("Rent", "03/02/2026", "70"))
    assert settles(verdicts) == ["the one due 1 Feb 2026"] * 2
    assert [verdict.sentence for verdict in verdicts] == [
        "A part of what is owed: 60.00 USD stay open.",
        "10.00 USD more than is owed.",
    ]


def test_skipped_and_paid_due_dates_are_passed_over(household, owner, rent):
    february, march = rent.occurrences.filter(due_date__in=[dt.date(2026, 2, 1), dt.date(2026, 3, 1)])
    services.skip_occurrence(actor=owner, occurrence=february)
    services.pay_in_full(actor=owner, household=household, occurrences=[march], paid_on=march.due_date)
    assert settles(check(household, ("Rent", "15/02/2026", "100"))) == ["the one due 1 Jan 2026"]


def test_the_same_payment_is_a_duplicate_of_a_row_or_of_what_is_there(household, owner, rent):
    february = rent.occurrences.get(due_date=dt.date(2026, 2, 1))
    services.pay_in_full(
        actor=owner, household=household, occurrences=[february], paid_on=dt.date(2026, 2, 2)
    )
    verdicts = check(
        household,
        ("Rent", "02/02/2026", "100.00"),
        ("Rent", "05/03/2026", "100"),
        ("Rent", "05/03/2026", "100"),
    )
    assert [(verdict.status, verdict.sentence) for verdict in verdicts] == [
        ("duplicate", "This payment is there already."),
        ("ok", ""),
        ("duplicate", "The same as row 3."),
    ]
    [other_amount] = check(household, ("Rent", "02/02/2026", "99"))
    assert other_amount.status == "ok"


def test_checking_asks_the_same_number_of_questions_for_any_number_of_rows(
    household, rent, django_assert_max_num_queries
):
    rows = [("Rent", f"{day:02}/{month:02}/2026", "1") for month in range(1, 11) for day in range(1, 29)]
    with django_assert_max_num_queries(5):
        assert len(check(household, *rows)) == 280


def test_recorded_payments_are_whole_and_say_where_they_come_from(household, owner, rent):
    verdicts = check(household, ("Rent", "02/02/2026", "40.5"), ("Rent", "01/03/2026", "100"))
    made = PaymentFiles().apply_rows(household.audit_scope, owner, verdicts, ANSWERS, key="import:1")
    assert [(one.row_number, one.model) for one in made] == [(2, "bills.payment"), (3, "bills.payment")]
    first = Payment.objects.get(pk=made[0].pk)
    assert (first.amount, first.source, first.recorded_by) == (Decimal("40.50"), "file_import", owner)
    assert first.idempotency_key == "import:1:2"
    assert list(PaymentSplit.objects.order_by("pk").values_list("amount", "occurrence__due_date")) == [
        (Decimal("40.50"), dt.date(2026, 2, 1)),
        (Decimal("100.00"), dt.date(2026, 3, 1)),
    ]


def test_a_payment_settles_no_due_date_of_another_currency(household, owner):
    """B1: the bill is in euros by now, the date that the payment meets is not."""
    bill = saved_bill(owner, household, start_date=dt.date(2026, 10, 5))
    saved_bill(owner, household, bill, currency="EUR")
    euros, dollars = check(household, ("Rent", "06/11/2026", "EUR 50.00"), ("Rent", "06/11/2026", "50.00"))
    assert (euros.status, euros.sentence) == (
        "problem",
        "“Rent”, due 5 Nov 2026, is owed in USD; a payment in EUR cannot settle it.",
    )
    assert (dollars.status, settles([dollars])) == ("ok", ["the one due 5 Nov 2026"])


def test_the_audit_log_names_what_is_settled_as_it_does_for_a_typed_payment(household, owner):
    """B8"""
    bill = saved_bill(owner, household, start_date=dt.date(2026, 10, 31), weekend_shift="after")
    verdicts = check(household, ("Rent", "02/11/2026", "100"))
    PaymentFiles().apply_rows(household.audit_scope, owner, verdicts, ANSWERS, key="import:1")
    december = bill.occurrences.get(scheduled_date=dt.date(2026, 11, 30))
    services.pay_in_full(actor=owner, household=household, occurrences=[december], paid_on=TODAY)
    entries = AuditEntry.objects.filter(action="payment.recorded").order_by("pk")
    named = [next(iter(entry.changes["splits"][1])) for entry in entries]
    assert named == [f"{bill.pk}/2026-10-31", f"{bill.pk}/2026-11-30"]


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({"paid_out": "100.00", "paid_in": ""}, "100.00 USD"),
        ({"paid_out": "-100.00", "paid_in": "0.00"}, "100.00 USD"),
        ({"paid_out": "100.00", "currency": "USD"}, "100.00 USD"),
        ({"paid_out": "", "paid_in": "100.00"}, "This is money that came in. Only payments are imported."),
        ({"paid_out": "5", "amount": "5"}, "The row states an amount twice; leave one of them empty."),
        ({"paid_out": "", "paid_in": ""}, "The amount is missing."),
    ],
)
def test_debit_and_credit_may_stand_in_two_columns(household, rent, cells, outcome):
    """B11: as banks write them."""
    row = RowCells(2, {"bill": "Rent", "paid_on": "01/02/2026", **cells}, ANSWERS)
    [verdict] = PaymentFiles().check_rows(household.audit_scope, [row], ANSWERS)
    assert outcome in (verdict.sentence, verdict.understood.get("Amount"))
