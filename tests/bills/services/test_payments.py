"""Payments settle what was chosen, once, and undo to exactly what was before."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bills import services
from bills.models import Occurrence, Payment
from bills.reports.rows import row_of
from bills.reports.tracker import month_tracker
from bills.rules.states import OccurrenceState
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month
from tests.bills.conftest import TODAY, saved_bill
from tests.factories import make_household, make_user

D = dt.date


@pytest.fixture
def bill(owner, household):
    return saved_bill(owner, household)


def on(bill, month, day=15):
    return bill.occurrences.with_paid().get(scheduled_date=D(2026, month, day))


def pay(owner, household, *splits, paid_on=TODAY, currency="USD", **rest):
    return services.record_payment(
        actor=owner, household=household, splits=splits, paid_on=paid_on, currency=currency, **rest
    )


def state(occurrence, household, today=TODAY):
    return row_of(Occurrence.objects.with_paid().get(pk=occurrence.pk), household, today).standing.state


@pytest.mark.parametrize("days", range(-25, 61))
def test_an_early_or_late_payment_settles_the_one_chosen_and_moves_no_other(owner, household, bill, days):
    chosen = on(bill, 6)
    pay(owner, household, (chosen, Decimal("100")), paid_on=chosen.due_date + dt.timedelta(days=days))
    paid = {o.scheduled_date: o.paid for o in bill.occurrences.with_paid()}
    assert paid.pop(D(2026, 6, 15)) == Decimal("100")
    assert set(paid.values()) == {Decimal(0)}


def test_a_payment_can_be_split_over_several_bills(owner, household, bill):
    other = saved_bill(owner, household, name="Water")
    payment = pay(owner, household, (on(bill, 11), Decimal("100")), (on(other, 11), Decimal("30.50")))
    assert payment.amount == Decimal("130.50")
    assert state(on(bill, 11), household) == OccurrenceState.PAID
    assert state(on(other, 11), household) == OccurrenceState.PARTIAL


def test_undo_and_redo_restore_the_exact_earlier_state(owner, household, bill):
    pay(owner, household, (on(bill, 11), Decimal("40")))
    second = pay(owner, household, (on(bill, 11), Decimal("60")))
    assert state(on(bill, 11), household) == OccurrenceState.PAID
    assert services.delete_payments(actor=owner, payments=[second]) == 1
    assert services.delete_payments(actor=owner, payments=[second]) == 0
    assert on(bill, 11).paid == Decimal("40")
    assert services.restore_payments(actor=owner, payments=[second]) == 1
    assert on(bill, 11).paid == Decimal("100")


def test_the_same_key_gives_the_first_payment_back(owner, household, bill):
    first = pay(owner, household, (on(bill, 11), Decimal("40")), idempotency_key="form-1")
    again = pay(owner, household, (on(bill, 11), Decimal("40")), idempotency_key="form-1")
    assert again == first
    assert Payment.objects.count() == 1


def test_a_form_whose_payment_was_undone_records_nothing(owner, household, bill):
    payment = pay(owner, household, (on(bill, 11), Decimal("40")), idempotency_key="form-1")
    services.delete_payments(actor=owner, payments=[payment])
    with pytest.raises(DomainError, match="undone"):
        pay(owner, household, (on(bill, 11), Decimal("40")), idempotency_key="form-1")


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("0", "more than zero"), ("-5", "more than zero"), ("1.001", "decimal places"), ("1e30", "too large")],
)
def test_an_amount_that_is_none_is_refused(owner, household, bill, amount, sentence):
    with pytest.raises(DomainError, match=sentence):
        pay(owner, household, (on(bill, 11), Decimal(amount)))
    assert not Payment.objects.exists()


def test_another_currency_than_the_bills_is_refused(owner, household, bill):
    with pytest.raises(DomainError, match="owed in USD"):
        pay(owner, household, (on(bill, 11), Decimal("40")), currency="EUR")


def test_another_households_bill_is_refused(owner, household):
    stranger = make_user()
    foreign = saved_bill(stranger, make_household(stranger))
    with pytest.raises(DomainError, match="no such bill"):
        pay(owner, household, (on(foreign, 11), Decimal("40")))


@pytest.mark.parametrize("paid_on", [D(2062, 11, 21), D(1926, 11, 21)])
def test_a_slip_in_the_year_is_refused(owner, household, bill, paid_on):
    with pytest.raises(DomainError, match="year"):
        pay(owner, household, (on(bill, 11), Decimal("40")), paid_on=paid_on)


def test_a_paid_occurrence_cannot_be_skipped_and_a_skipped_one_not_paid(owner, household, bill):
    pay(owner, household, (on(bill, 11), Decimal("40")))
    with pytest.raises(DomainError, match="undo the payment"):
        services.skip_occurrence(actor=owner, occurrence=on(bill, 11))
    services.skip_occurrence(actor=owner, occurrence=on(bill, 12))
    with pytest.raises(DomainError, match="skipped"):
        pay(owner, household, (on(bill, 12), Decimal("40")))


def test_pay_in_full_pays_what_is_left_and_passes_settled_ones_over(owner, household, bill):
    pay(owner, household, (on(bill, 10), Decimal("100")))
    pay(owner, household, (on(bill, 11), Decimal("40")))
    services.skip_occurrence(actor=owner, occurrence=on(bill, 9))
    chosen = [on(bill, 8), on(bill, 9), on(bill, 10), on(bill, 11)]
    made = services.pay_in_full(actor=owner, household=household, occurrences=chosen, paid_on=TODAY)
    assert sorted(payment.amount for payment in made) == [Decimal("60"), Decimal("100")]


def test_autopay_is_confirmed_once(owner, household):
    bill = saved_bill(owner, household, is_autopay=True, today=D(2026, 1, 1))
    assert state(on(bill, 11), household) == OccurrenceState.ASSUMED_PAID
    (payment,) = services.confirm_autopay(actor=owner, household=household, occurrence=on(bill, 11))
    assert (payment.paid_on, payment.source) == (D(2026, 11, 15), "autopay")
    assert services.confirm_autopay(actor=owner, household=household, occurrence=on(bill, 11)) == []


def test_a_computed_occurrence_beyond_the_horizon_can_be_paid(owner, household, bill):
    (row,) = month_tracker(household, Month(2031, 5), TODAY).rows
    assert row.occurrence.pk is None
    pay(owner, household, (row.occurrence, Decimal("100")))
    (row,) = month_tracker(household, Month(2031, 5), TODAY).rows
    assert row.standing.state == OccurrenceState.PAID
    assert row.occurrence.pk is not None
    assert [r.occurrence.pk for r in month_tracker(household, Month(2031, 4), TODAY).rows] == [None]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 20_000), st.booleans()), max_size=8))
def test_paid_is_always_the_sum_of_the_live_payments(db, moves):
    owner = make_user()
    household = make_household(owner)
    bill = saved_bill(owner, household)
    expected = dict.fromkeys(range(1, 13), Decimal(0))
    for month, cents, is_undone in moves:
        amount = Decimal(cents) / 100
        payment = pay(owner, household, (on(bill, month), amount))
        if is_undone:
            services.delete_payments(actor=owner, payments=[payment])
        else:
            expected[month] += amount
    assert {m: on(bill, m).paid for m in expected} == expected
    for month, paid in expected.items():
        (total,) = month_tracker(household, Month(2026, month), TODAY).totals
        assert total.paid == paid
        assert total.expected + total.overpaid == total.paid + total.assumed + total.left
