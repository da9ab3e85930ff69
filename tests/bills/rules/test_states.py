"""The state of an occurrence on every day from long before to long after it is due."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from bills.models import Bill, Occurrence
from bills.rules.states import OccurrenceState, standing_of

DUE = dt.date(2026, 11, 15)
FULL = Decimal("100.00")


def standing(days=0, paid="0", **fields):
    occurrence = Occurrence(**{"due_date": DUE, "expected_amount": FULL, "currency": "USD", **fields})
    today = DUE + dt.timedelta(days=days)
    return standing_of(occurrence, Decimal(paid), today, due_soon_days=3, grace_days=14)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-60, OccurrenceState.UPCOMING),
        (-4, OccurrenceState.UPCOMING),
        (-3, OccurrenceState.DUE_SOON),
        (0, OccurrenceState.DUE_SOON),
        (1, OccurrenceState.LATE),
        (14, OccurrenceState.LATE),
        (15, OccurrenceState.MISSED),
        (60, OccurrenceState.MISSED),
    ],
)
def test_an_unpaid_bill_grows_urgent_by_the_day(days, state):
    assert standing(days).state == standing(days).urgency == state


@pytest.mark.parametrize("days", range(-25, 61))
def test_paid_in_full_is_paid_however_early_or_late(days):
    assert standing(days, paid="100.00").state == OccurrenceState.PAID
    assert standing(days, paid="100.01").state == OccurrenceState.OVERPAID


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(-9, OccurrenceState.UPCOMING), (0, OccurrenceState.DUE_SOON), (2, OccurrenceState.LATE)],
)
def test_a_part_paid_bill_keeps_its_urgency_beside_it(days, urgency):
    assert standing(days, paid="99.99").state == OccurrenceState.PARTIAL
    assert standing(days, paid="99.99").urgency == urgency


def test_the_other_amount_is_what_counts():
    assert standing(paid="40.00", override_amount=Decimal("40.00")).state == OccurrenceState.PAID
    assert standing(paid="100.00", override_amount=Decimal("140.00")).state == OccurrenceState.PARTIAL


def test_an_other_amount_of_zero_leaves_nothing_to_pay():
    assert standing(override_amount=Decimal("0")).state == OccurrenceState.PAID


def test_skipped_wins_over_everything():
    assert standing(40, skipped_at=timezone.now()).state == OccurrenceState.SKIPPED


@pytest.mark.parametrize(
    ("days", "state"),
    [(-1, OccurrenceState.DUE_SOON), (0, OccurrenceState.ASSUMED_PAID), (40, OccurrenceState.ASSUMED_PAID)],
)
def test_autopay_is_assumed_from_the_due_date_on(days, state):
    assert standing(days, is_autopay=True).state == state


def test_a_recorded_failure_or_a_part_payment_ends_the_assumption():
    assert standing(1, is_autopay=True, autopay_failed_at=timezone.now()).state == OccurrenceState.LATE
    assert standing(1, is_autopay=True, paid="1.00").state == OccurrenceState.PARTIAL


def test_a_snooze_lasts_until_its_day():
    until = DUE + dt.timedelta(days=10)
    assert standing(9, snoozed_until=until).state == OccurrenceState.SNOOZED
    assert standing(10, snoozed_until=until).state == OccurrenceState.LATE
    assert standing(9, snoozed_until=until, paid="1.00").state == OccurrenceState.PARTIAL


# --- a bill that varies, with an amount of 0 -----------------------------------------------------
def unknown(days=0, paid="0", **fields):
    return standing(days, paid, expected_amount=Decimal("0"), bill=Bill(is_variable=True), **fields)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(-9, OccurrenceState.UPCOMING), (0, OccurrenceState.DUE_SOON), (2, OccurrenceState.LATE)],
)
def test_an_amount_that_nobody_knows_yet_is_not_paid_and_keeps_its_urgency(days, urgency):
    """B7"""
    found = unknown(days)
    assert (found.state, found.urgency) == (OccurrenceState.AMOUNT_UNKNOWN, urgency)
    assert not found.is_settled


def test_autopay_of_an_unknown_amount_is_not_assumed_paid():
    """B7"""
    assert unknown(1, is_autopay=True).state == OccurrenceState.AMOUNT_UNKNOWN


def test_what_was_paid_of_an_unknown_amount_is_what_was_owed():
    """B7"""
    assert unknown(paid="83.20").state == OccurrenceState.PAID


def test_an_amount_of_nothing_that_somebody_entered_is_known():
    """B7"""
    assert unknown(override_amount=Decimal("0")).state == OccurrenceState.PAID
