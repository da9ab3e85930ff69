"""How far a payment may be from its due date."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.matching.windows import describe_distance, window_around

D = dt.date


@pytest.mark.parametrize(
    ("period_days", "first", "last"),
    [
        (None, D(2026, 11, 8), D(2026, 11, 25)),
        (365, D(2026, 11, 8), D(2026, 11, 25)),
        (30, D(2026, 11, 8), D(2026, 11, 25)),
        (14, D(2026, 11, 8), D(2026, 11, 22)),
        (7, D(2026, 11, 12), D(2026, 11, 18)),
        (1, D(2026, 11, 15), D(2026, 11, 15)),
    ],
)
def test_the_window_is_a_week_before_and_ten_days_after_but_never_more_than_half_a_period(
    period_days, first, last
):
    assert window_around(D(2026, 11, 15), period_days) == (first, last)


@given(st.dates(), st.none() | st.integers(1, 400))
def test_the_window_holds_its_day_and_is_never_longer_than_a_period(day, period_days):
    first, last = window_around(day, period_days)
    assert first <= day <= last
    assert period_days is None or (last - first).days <= period_days


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (0, "On the due date"),
        (1, "1 day after the due date"),
        (2, "2 days after the due date"),
        (-1, "1 day before the due date"),
        (-7, "7 days before the due date"),
    ],
)
def test_a_distance_is_said_in_words(days, sentence):
    assert describe_distance(days, "the due date") == sentence
