"""What stands from a day on: the least of all later days decides, not the last one."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.dated_amounts import first_day_with, least_from, standing_by_day, standing_in_the_end

FIRST = dt.date(2026, 11, 1)


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def rows(*pairs: tuple[int, int]) -> list[tuple[dt.date, Decimal]]:
    return [(on(day), Decimal(amount)) for day, amount in pairs]


def test_what_was_taken_off_for_a_while_is_there_only_from_its_return_on():
    """O3"""
    taken_for_a_while = rows((1, 100), (5, -100), (20, 100))
    assert first_day_with(taken_for_a_while, Decimal(100)) == on(20)
    assert first_day_with(taken_for_a_while, Decimal("0.01")) == on(20)
    assert [least_from(taken_for_a_while, on(day)) for day in (1, 6, 19, 20)] == [0, 0, 0, 100]


def test_the_whole_is_there_from_its_own_day_on_and_more_than_it_never():
    assert first_day_with(rows((3, 100)), Decimal(100)) == on(3)
    assert first_day_with(rows((3, 100)), Decimal("100.01")) is None
    assert first_day_with([], Decimal(1)) is None


def test_rows_of_one_day_count_together():
    assert standing_by_day(rows((2, -60), (1, 100), (2, 60))) == rows((1, 100), (2, 100))
    assert first_day_with(rows((1, 100), (2, -60), (2, 60)), Decimal(100)) == on(1)


days = st.integers(0, 40).map(lambda days: FIRST + dt.timedelta(days=days))
amounts = st.integers(-500, 500).map(Decimal)


@given(st.lists(st.tuples(days, amounts), max_size=12), st.integers(1, 600).map(Decimal))
def test_the_first_day_is_the_first_from_which_that_much_stands_for_good(dated, amount):
    first = first_day_with(dated, amount)
    if first is None:
        assert standing_in_the_end(dated) < amount or not dated
    else:
        assert least_from(dated, first) >= amount
        assert least_from(dated, first - dt.timedelta(days=1)) < amount
