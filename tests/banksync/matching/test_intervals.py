"""Which interval dates keep, although weekends move some and one is missing."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksync.matching.intervals import INTERVALS, Interval, IntervalUnit, find_rhythm

D = dt.date


def months(*pairs: tuple[int, int]) -> list[dt.date]:
    return [D(2026, month, day) for month, day in pairs]


@pytest.mark.parametrize(
    ("days", "interval", "next_date"),
    [
        (months((1, 31), (2, 28), (3, 31)), "every month", D(2026, 4, 30)),
        (months((1, 1), (1, 8), (1, 15)), "every week", D(2026, 1, 22)),
        (months((1, 9), (1, 23), (2, 6), (2, 20)), "every 2 weeks", D(2026, 3, 6)),
        (months((1, 12), (2, 9), (3, 9), (4, 6)), "every 4 weeks", D(2026, 5, 4)),
        (months((1, 1), (1, 15), (2, 1)), "twice a month, on days 1 and 15", D(2026, 2, 15)),
        (months((1, 15), (1, 31), (2, 15), (2, 28)), "twice a month, on days 15 and 31", D(2026, 3, 15)),
        (months((4, 20), (5, 5), (5, 21), (6, 5)), "twice a month, on days 5 and 20", D(2026, 6, 20)),
        (months((1, 10), (4, 10), (7, 11)), "every 3 months", D(2026, 10, 10)),
        (months((1, 20), (3, 20), (5, 21), (7, 20)), "every 2 months", D(2026, 9, 20)),
        ([D(2025, 3, 3), D(2025, 9, 3), D(2026, 3, 4)], "every 6 months", D(2026, 9, 3)),
        ([D(2020, 2, 29), D(2021, 2, 28), D(2022, 2, 28)], "every year", D(2023, 2, 28)),
        # A month is missing among four.
        (months((1, 5), (2, 5), (4, 5), (5, 5)), "every month", D(2026, 6, 5)),
    ],
)
def test_dates_keep_the_interval_that_fits_them_best(days, interval, next_date):
    rhythm = find_rhythm(days, is_strict=True)
    assert str(rhythm.interval) == interval
    assert rhythm.next_date == next_date


@pytest.mark.parametrize(
    "days",
    [
        months((1, 5), (1, 6), (2, 5)),
        months((1, 2), (1, 13), (3, 30)),
        months((1, 5), (2, 5), (5, 5)),
        months((1, 5), (2, 14), (3, 3), (3, 30), (4, 2)),
    ],
)
def test_dates_that_keep_no_interval_have_none(days):
    assert find_rhythm(days, is_strict=False) is None


@settings(deadline=None)
@given(
    st.sampled_from([*INTERVALS, Interval(IntervalUnit.TWICE_A_MONTH, 1, 3, 2, days=(5, 20))]),
    st.dates(D(2000, 1, 1), D(2030, 12, 31)),
    st.integers(3, 12),
)
def test_an_exact_series_is_recognised_with_its_next_date(interval, anchor, count):
    if not interval.may_count_from(anchor):
        anchor = anchor.replace(day=20)
    days = [interval.date_after(anchor, step) for step in range(count)]
    rhythm = find_rhythm(days, is_strict=True)
    assert all(
        rhythm.interval.date_after(rhythm.anchor, rhythm.steps - step) == day
        for step, day in enumerate(reversed(days))
    )
    assert rhythm.next_date == rhythm.interval.date_after(rhythm.anchor, rhythm.steps + 1)
    assert not rhythm.has_ended(days[-1])
    assert rhythm.has_ended(rhythm.next_date + dt.timedelta(days=11))
