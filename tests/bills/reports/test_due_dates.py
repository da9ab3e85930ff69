"""One answer to "what is due": computed or made, the dates are the same."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bills import services
from bills.models import Bill
from bills.reports.due_dates import occurrence_on, occurrences_due
from bills.reports.tracker import month_tracker
from billtracker.core.periods import Month, Span
from tests.bills.conftest import TODAY, saved_bill
from tests.factories import make_bill, make_household, make_user

D = dt.date
units = st.sampled_from(["week", "month", "year", "once"])


def dates(household, span):
    return [(o.scheduled_date, o.due_date) for o in occurrences_due(household, span)]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    unit=units,
    interval=st.integers(1, 6),
    start=st.dates(D(2024, 1, 1), D(2027, 6, 30)),
    due_day=st.integers(1, 31),
    shift=st.sampled_from(["none", "before", "after"]),
    first=st.dates(D(2025, 1, 1), D(2027, 12, 1)),
    length=st.integers(1, 90),
)
def test_a_span_shows_the_same_dates_before_and_after_they_are_made(
    db, unit, interval, start, due_day, shift, first, length
):
    household = make_household(make_user())
    make_bill(
        household,
        unit=unit,
        interval=interval,
        start_date=start,
        weekend_shift=shift,
        due_day=due_day if unit in ("month", "year") else None,
    )
    span = Span(first, first + dt.timedelta(days=length))
    computed = dates(household, span)
    services.make_due_occurrences(household=household, today=TODAY)
    assert dates(household, span) == computed
    assert all(due in span for _scheduled, due in computed)


@pytest.mark.parametrize("today", [D(2026, 10, 1), D(2024, 1, 1)])
def test_a_due_date_that_leaves_the_weekend_may_land_in_the_next_month(owner, household, today):
    # Made as rows in the first case, computed in the second.
    saved_bill(owner, household, start_date=D(2026, 10, 31), weekend_shift="after", today=today)
    assert dates(household, Month(2026, 10).span) == []
    moved, kept = (D(2026, 10, 31), D(2026, 11, 2)), (D(2026, 11, 30), D(2026, 11, 30))
    assert dates(household, Month(2026, 11).span) == [moved, kept]


def test_a_worker_that_stood_still_for_ten_days_changes_nothing_on_the_page(owner, household):
    for number, unit in enumerate(["week", "month", "year"]):
        start = D(2026, 1, 28 + number)
        saved_bill(owner, household, name=unit, unit=unit, start_date=start, today=D(2026, 11, 25))
    months = [Month(2026, 12), Month(2027, 12), Month(2028, 1)]
    stood_still = [dates(household, month.span) for month in months]
    services.make_due_occurrences(household=household, today=D(2026, 12, 5))
    assert [dates(household, month.span) for month in months] == stood_still
    assert all(stood_still)


def test_a_paused_or_deleted_bill_is_not_computed(owner, household):
    far = Month(2031, 5)
    bill = saved_bill(owner, household)
    assert len(dates(household, far.span)) == 1
    services.deactivate_bill(actor=owner, bill=bill, today=TODAY)
    assert dates(household, far.span) == []
    services.activate_bill(actor=owner, bill=bill, today=TODAY)
    services.delete_bill(actor=owner, bill=bill)
    assert dates(household, far.span) == []


def test_a_touched_date_beyond_the_horizon_is_shown_once(owner, household):
    bill = saved_bill(owner, household)
    services.set_note(actor=owner, occurrence=occurrence_on(bill, D(2031, 5, 15)), note="far")
    assert len(dates(household, Month(2031, 5).span)) == 1
    bill = Bill.objects.get(pk=bill.pk)
    saved_bill(owner, household, bill, start_date=D(2026, 1, 20), due_day=20)
    rows = month_tracker(household, Month(2031, 5), TODAY).rows
    assert [(row.occurrence.due_date, row.occurrence.note) for row in rows] == [(D(2031, 5, 15), "far")]


@pytest.mark.parametrize("day", [D(2025, 12, 15), D(2026, 11, 16), D(2199, 12, 31)])
def test_a_day_on_which_nothing_is_due_has_no_occurrence(owner, household, day):
    assert occurrence_on(saved_bill(owner, household), day) is None
