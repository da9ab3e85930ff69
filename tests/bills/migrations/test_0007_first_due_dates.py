"""A first date that was on another day than the due day becomes the date that came of it."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps

from bills.rules.schedules import rule_of, scheduled_dates
from billtracker.core.periods import Span
from tests.factories import make_bill

pytestmark = pytest.mark.engines("sqlite", "postgresql")
D = dt.date


@pytest.mark.parametrize(
    ("schedule", "first"),
    [
        ({"unit": "year", "start_date": D(2026, 6, 20), "due_day": 10}, D(2027, 6, 10)),
        ({"unit": "month", "interval": 3, "start_date": D(2026, 6, 20), "due_day": 10}, D(2026, 9, 10)),
        ({"unit": "month", "start_date": D(2026, 2, 3), "due_day": 31}, D(2026, 2, 28)),
        ({"unit": "month", "start_date": D(2026, 2, 28), "due_day": 31}, D(2026, 2, 28)),
        (
            {"unit": "twice_a_month", "start_date": D(2026, 6, 20), "due_day": 15, "second_due_day": 1},
            D(2026, 7, 1),
        ),
    ],
)
def test_the_first_date_becomes_the_first_due_date_and_no_due_date_moves(household, schedule, first):
    """B6"""
    bill = make_bill(household, **schedule)
    span = Span(D(2026, 1, 1), D(2035, 1, 1))
    before = list(scheduled_dates(rule_of(bill), span))
    import_module("bills.migrations.0007_first_due_dates").start_on_due_dates(apps, None)
    bill.refresh_from_db()
    assert bill.start_date == first
    assert list(scheduled_dates(rule_of(bill), span)) == before
    bill.full_clean(exclude=["household", "category"])
