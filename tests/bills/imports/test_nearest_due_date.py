"""Which due date a payment settles."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bills.imports.nearest_due_date import OpenDate, OpenDates

BILL = 7


def due(day, paid=0, owed=100, number=None):
    date = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return OpenDate(number or date.toordinal(), BILL, date, date, "USD", Decimal(owed), Decimal(paid))


def nearest(dates, day):
    found = OpenDates(dates).nearest(BILL, dt.date.fromisoformat(day))
    return found and found.due_date.isoformat()


def test_the_nearest_due_date_is_settled_early_or_late():
    dates = [due("2026-01-28"), due("2026-02-28"), due("2026-03-28")]
    assert nearest(dates, "2026-03-02") == "2026-02-28"
    assert nearest(dates, "2026-03-20") == "2026-03-28"


def test_of_two_equally_near_the_earlier_is_settled():
    assert nearest([due("2026-02-01"), due("2026-02-11")], "2026-02-06") == "2026-02-01"


def test_a_fully_paid_due_date_is_passed_over_and_a_part_paid_one_is_not():
    assert nearest([due("2026-02-01", paid=100), due("2026-03-01")], "2026-02-02") == "2026-03-01"
    assert nearest([due("2026-02-01", paid=40), due("2026-03-01")], "2026-02-02") == "2026-02-01"


def test_an_unpaid_due_date_of_nothing_can_be_paid_once():
    assert nearest([due("2026-02-01", owed=0)], "2026-02-02") == "2026-02-01"
    assert nearest([due("2026-02-01", owed=0, paid=5)], "2026-02-02") is None


def test_sixty_days_are_within_reach_and_sixty_one_are_not():
    assert nearest([due("2026-03-02")], "2026-01-01") == "2026-03-02"
    assert nearest([due("2026-03-03")], "2026-01-01") is None
    assert nearest([due("2026-01-01")], "2026-03-02") == "2026-01-01"
    assert nearest([], "2026-01-01") is None


days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@given(st.dictionaries(days, st.sampled_from([0, 40, 100])), days)
def test_the_answer_is_that_of_looking_at_every_date(paid, day):
    dates = [due(date, amount) for date, amount in paid.items()]
    within = [d for d in dates if d.paid < d.owed and abs(d.due_date - day) <= dt.timedelta(days=60)]
    expected = min(within, key=lambda d: (abs(d.due_date - day), d.due_date), default=None)
    assert OpenDates(dates).nearest(BILL, day) == expected
