"""When a bill is due: exact dates and properties of the rules."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bills.rules.schedules import ScheduleRule, due_date, scheduled_dates
from billtracker.core.periods import Span

D = dt.date
ALL_TIME = Span(D(1970, 1, 1), D(2100, 1, 1))
dates = st.dates(D(1990, 1, 1), D(2060, 12, 31))
units = st.sampled_from(["week", "month", "year", "twice_a_month", "once"])


JANUARY_31 = D(2026, 1, 31)


def make_rule(unit="month", interval=1, start=JANUARY_31, due_day=None, **rest) -> ScheduleRule:
    return ScheduleRule(unit=unit, interval=interval, start=start, due_day=due_day or start.day, **rest)


def first(rule, count, since=None):
    found = scheduled_dates(rule, Span(since or rule.start, D(2200, 1, 1)))
    return [day for day, _ in zip(found, range(count), strict=False)]


@st.composite
def rules(draw):
    start = draw(dates)
    day = draw(st.integers(1, 31))
    return ScheduleRule(
        unit=draw(units),
        interval=draw(st.integers(1, 12)),
        start=start,
        due_day=draw(st.one_of(st.just(start.day), st.integers(1, 31))),
        second_due_day=day,
        end=draw(st.none() | dates),
        instalments=draw(st.none() | st.integers(1, 100)),
    )


@pytest.mark.parametrize("anchor", [28, 29, 30, 31])
@pytest.mark.parametrize("year", [2023, 2024, 2027, 2096])
def test_an_anchor_from_28_to_31_clamps_and_comes_back_for_60_months(anchor, year):
    expected = []
    for n in range(60):
        y, m = year + n // 12, n % 12 + 1
        expected.append(D(y, m, min(anchor, calendar.monthrange(y, m)[1])))
    assert first(make_rule(start=D(year, 1, anchor)), 60) == expected


def test_the_31st_is_followed_by_28_february_and_31_march():
    assert first(make_rule(), 4) == [D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30)]


def test_an_anchor_of_31_can_start_in_a_short_month():
    rule = make_rule(start=D(2026, 2, 28), due_day=31)
    assert first(rule, 3) == [D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30)]


def test_29_february_comes_back_in_leap_years_only():
    days = first(make_rule("year", start=D(2024, 2, 29)), 5)
    assert days == [D(2024, 2, 29), D(2025, 2, 28), D(2026, 2, 28), D(2027, 2, 28), D(2028, 2, 29)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (make_rule("week", start=D(2026, 1, 5)), [D(2026, 1, 5), D(2026, 1, 12), D(2026, 1, 19)]),
        (make_rule("week", 2, D(2026, 1, 9)), [D(2026, 1, 9), D(2026, 1, 23), D(2026, 2, 6)]),
        (make_rule("week", 4, D(2026, 1, 12)), [D(2026, 1, 12), D(2026, 2, 9), D(2026, 3, 9)]),
        (make_rule("month", 2, D(2026, 1, 20)), [D(2026, 1, 20), D(2026, 3, 20), D(2026, 5, 20)]),
        (make_rule("month", 3, D(2025, 11, 30)), [D(2025, 11, 30), D(2026, 2, 28), D(2026, 5, 30)]),
        (make_rule("month", 6, D(2026, 8, 31)), [D(2026, 8, 31), D(2027, 2, 28), D(2027, 8, 31)]),
        (make_rule("year", 3, D(2026, 5, 14)), [D(2026, 5, 14), D(2029, 5, 14), D(2032, 5, 14)]),
        (make_rule("once", start=D(2026, 5, 14)), [D(2026, 5, 14)]),
        (
            make_rule("twice_a_month", start=D(2026, 1, 10), due_day=15, second_due_day=1),
            [D(2026, 1, 15), D(2026, 2, 1), D(2026, 2, 15)],
        ),
    ],
)
def test_every_cycle_gives_its_dates(rule, expected):
    assert first(rule, 3) == expected


def test_twice_a_month_on_30_and_31_is_due_twice_in_february():
    rule = make_rule("twice_a_month", start=D(2026, 2, 1), due_day=30, second_due_day=31)
    assert first(rule, 4) == [D(2026, 2, 27), D(2026, 2, 28), D(2026, 3, 30), D(2026, 3, 31)]


def test_the_end_date_is_the_last_day_that_counts():
    assert first(make_rule(end=D(2026, 3, 31)), 9) == [D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31)]


def test_instalments_are_counted_from_the_first_due_date_wherever_one_looks():
    rule = make_rule(instalments=3)
    assert first(rule, 9) == [D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31)]
    assert first(rule, 9, since=D(2026, 3, 1)) == [D(2026, 3, 31)]
    assert first(rule, 9, since=D(2026, 4, 1)) == []


@pytest.mark.parametrize(
    ("day", "shift", "expected"),
    [
        (D(2026, 11, 20), "before", D(2026, 11, 20)),  # Friday
        (D(2026, 11, 21), "before", D(2026, 11, 20)),  # Saturday
        (D(2026, 11, 22), "before", D(2026, 11, 20)),  # Sunday
        (D(2026, 11, 21), "after", D(2026, 11, 23)),
        (D(2026, 11, 22), "after", D(2026, 11, 23)),
        (D(2026, 11, 22), "none", D(2026, 11, 22)),
    ],
)
def test_a_weekend_date_moves_to_the_business_day_asked_for(day, shift, expected):
    assert due_date(day, shift) == expected


@given(rules(), dates, st.integers(0, 2000))
def test_a_span_shows_exactly_what_all_time_shows_of_it(rule, start, length):
    span = Span(start, start + dt.timedelta(days=length))
    everything = list(scheduled_dates(rule, ALL_TIME))
    assert list(scheduled_dates(rule, span)) == [day for day in everything if day in span]


@given(rules())
def test_dates_rise_never_repeat_and_keep_within_start_and_end(rule):
    days = list(scheduled_dates(rule, ALL_TIME))
    assert days == sorted(set(days))
    assert all(day >= rule.start and (rule.end is None or day <= rule.end) for day in days)
    assert rule.instalments is None or len(days) <= rule.instalments


@given(dates, st.integers(1, 24), st.integers(1, 31))
def test_monthly_dates_fall_on_the_due_day_or_on_the_last_day_of_a_shorter_month(start, interval, due_day):
    rule = make_rule("month", interval, start, due_day)
    for day in first(rule, 60):
        assert day.day == min(due_day, calendar.monthrange(day.year, day.month)[1])
        assert ((day.year - start.year) * 12 + day.month - start.month) % interval == 0


@given(dates, st.integers(1, 31), st.integers(1, 31))
def test_twice_a_month_gives_two_dates_in_every_whole_month(start, one, other):
    if one == other:
        other = one % 31 + 1
    rule = make_rule("twice_a_month", start=start, due_day=one, second_due_day=other)
    days = first(rule, 61, since=start)
    by_month = [(day.year, day.month) for day in days][2:-2]
    assert all(by_month.count(month) == 2 for month in by_month[2:-2])
