"""Due dates of older versions get the cycles that new ones have; two of one cycle both stay."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps

from bills.models import Occurrence
from tests.bills.conftest import saved_bill

pytestmark = pytest.mark.engines("sqlite", "postgresql")
D = dt.date


@pytest.fixture
def fill():
    return lambda: import_module("bills.migrations.0003_cycles").fill(apps, None)


def cycles(bill):
    return list(bill.occurrences.order_by("scheduled_date").values_list("cycle_start", "cycle_end"))


@pytest.mark.parametrize(
    "schedule",
    [
        {"unit": "month"},
        {"unit": "month", "interval": 3},
        {"unit": "year"},
        {"unit": "week", "interval": 2},
        {"unit": "once"},
        {"unit": "twice_a_month", "due_day": 30, "second_due_day": 15},
    ],
)
def test_an_older_due_date_gets_the_cycle_of_a_new_one(fill, owner, household, schedule):
    """B3"""
    bill = saved_bill(owner, household, **schedule)
    before = cycles(bill)
    Occurrence.objects.update(cycle_end=D(2001, 1, 1))
    fill()
    assert cycles(bill) == before


def test_a_second_date_in_one_month_stays_and_stands_for_its_day(fill, owner, household):
    """B3"""
    bill = saved_bill(owner, household, start_date=D(2026, 12, 15), end_date=D(2027, 1, 20))
    bill.occurrences.filter(scheduled_date=D(2027, 1, 15)).update(scheduled_date=D(2026, 12, 20))
    fill()
    assert cycles(bill) == [(D(2026, 12, 1), D(2026, 12, 20)), (D(2026, 12, 20), D(2026, 12, 21))]


def test_months_of_a_bill_that_is_yearly_by_now_stay_months(fill, owner, household):
    """B3"""
    bill = saved_bill(owner, household, start_date=D(2026, 9, 5), end_date=D(2026, 11, 30))
    type(bill).objects.filter(pk=bill.pk).update(unit="year")
    fill()
    assert cycles(bill)[:2] == [(D(2026, 9, 1), D(2026, 10, 1)), (D(2026, 10, 1), D(2026, 11, 1))]
