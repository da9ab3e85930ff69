"""No day is left out, and no request is longer than 90 days."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.rules.windows import first_day_of_backfill, first_day_of_routine, halve, split_span
from banksync.simplefin.client import Window

TODAY = dt.date(2026, 11, 21)
DAY = dt.timedelta(days=1)


def test_the_first_sync_asks_for_90_days_in_one_request():
    """Requirement 5"""
    first = first_day_of_backfill(TODAY, 90)
    assert first == dt.date(2026, 8, 24)
    assert split_span(first, TODAY) == [Window(first)]


@pytest.mark.parametrize(("synced", "good", "first"), [
    (dt.date(2026, 11, 20), [], dt.date(2026, 11, 15)),
    (dt.date(2026, 11, 20), [dt.date(2026, 11, 20), dt.date(2026, 11, 1)], dt.date(2026, 10, 27)),
    (dt.date(2026, 11, 20), [dt.date(2025, 1, 1)], dt.date(2026, 8, 24)),
    (dt.date(2026, 1, 10), [dt.date(2025, 1, 1)], dt.date(2026, 1, 5)),
])  # fmt: skip
def test_a_routine_sync_asks_from_five_days_before_the_last_good_one(synced, good, first):
    """Requirement 5"""
    assert first_day_of_routine(synced, good, TODAY) == first


@given(st.integers(0, 2_000))
def test_a_long_span_is_split_without_a_gap(days):
    """Requirement 5"""
    windows = split_span(TODAY - days * DAY, TODAY)
    assert windows[0].start == TODAY - days * DAY
    assert windows[-1].end is None
    for window, following in pairwise(windows):
        assert window.end == following.start
    assert all((window.end or TODAY + DAY) - window.start <= 90 * DAY for window in windows)


@given(st.integers(0, 90))
def test_a_window_that_was_cut_is_asked_for_in_halves_until_it_is_short(days):
    """Requirement 5"""
    window = Window(TODAY - days * DAY)
    halves = halve(window, TODAY)
    assert bool(halves) == (days >= 29)
    if halves:
        assert (halves[0].start, halves[0].end, halves[1].end) == (window.start, halves[1].start, None)
