"""From words to schedules."""

import datetime as dt

import pytest

from bills.rules.schedule_text import (
    Cycle,
    Days,
    Schedule,
    ScheduleError,
    in_words,
    parse_cycle,
    parse_days,
    schedule,
)
from billtracker.core.periods import Month

JANUARY = Month(2026, 1)


@pytest.mark.parametrize(
    ("text", "unit", "interval"),
    [
        ("weekly", "week", 1),
        ("Weekly (Mon)", "week", 1),
        ("every week", "week", 1),
        ("biweekly", "week", 2),
        ("Bi-Weekly", "week", 2),
        ("every 2 weeks", "week", 2),
        ("every other week", "week", 2),
        ("every two weeks", "week", 2),
        ("every 4 weeks", "week", 4),
        ("twice a month (1, 15)", "twice_a_month", 1),
        ("semi-monthly", "twice_a_month", 1),
        ("MONTHLY", "month", 1),
        ("every month", "month", 1),
        ("quarterly", "month", 3),
        ("every quarter", "month", 3),
        ("every 3 months", "month", 3),
        ("every 6 months", "month", 6),
        ("semiannual", "month", 6),
        ("yearly", "year", 1),
        ("Annual", "year", 1),
        ("annually", "year", 1),
        ("every 2 years", "year", 2),
        ("once", "once", 1),
        ("one-time", "once", 1),
        ("every 100 weeks", "week", 100),
    ],
)
def test_how_often(text, unit, interval):
    cycle = parse_cycle(text)
    assert (cycle.unit, cycle.interval) == (unit, interval)


@pytest.mark.parametrize(
    "text", ["sometimes", "every 0 weeks", "every 101 months", "every day", "weekly (Foo)", "bimonthly"]
)
def test_an_unknown_cycle_is_refused(text):
    with pytest.raises(ScheduleError) as refusal:
        parse_cycle(text)
    assert refusal.value.column == "cycle"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12th", Days((12,))),
        ("1", Days((1,))),
        ("the 3rd", Days((3,))),
        ("1, 15", Days((1, 15))),
        ("1st and 15th", Days((1, 15))),
        ("1/15", Days((1, 15))),
        ("Mon", Days(of_week=0)),
        ("Fridays", Days(of_week=4)),
        ("last day", Days((31,))),
        ("", Days()),
    ],
)
def test_due_days(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("32", "There is no day 32 in any month."),
        ("0", "There is no day 0 in any month."),
        ("1, 40", "There is no day 40 in any month."),
        ("soon", "“soon” is not a day such as 12, 12th or “1, 15”."),
        ("2026-02-20", "“2026-02-20” is not a day such as 12, 12th or “1, 15”."),
    ],
)
def test_a_wrong_day_is_refused(text, sentence):
    with pytest.raises(ScheduleError) as refusal:
        parse_days(text)
    assert (refusal.value.sentence, refusal.value.column) == (sentence, "due_day")


def made(cycle, day="", first=None):
    return schedule(parse_cycle(cycle), parse_days(day), first and dt.date.fromisoformat(first), JANUARY)


@pytest.mark.parametrize(
    ("cycle", "day", "first", "expected"),
    [
        ("monthly", "31", None, Schedule("month", 1, dt.date(2026, 1, 31), 31)),
        ("monthly", "", "2026-02-28", Schedule("month", 1, dt.date(2026, 2, 28), 28)),
        ("monthly", "31", "2026-02-28", Schedule("month", 1, dt.date(2026, 2, 28), 31)),
        ("every 3 months", "20", "2026-02-20", Schedule("month", 3, dt.date(2026, 2, 20), 20)),
        ("yearly", "29", "2024-02-29", Schedule("year", 1, dt.date(2024, 2, 29), 29)),
        ("weekly (Mon)", "", "2026-01-05", Schedule("week", 1, dt.date(2026, 1, 5))),
        ("weekly", "Mon", "2026-01-05", Schedule("week", 1, dt.date(2026, 1, 5))),
        ("twice a month (1, 15)", "15", None, Schedule("twice_a_month", 1, dt.date(2026, 1, 1), 1, 15)),
        ("twice a month", "15, 1", "2026-01-15", Schedule("twice_a_month", 1, dt.date(2026, 1, 15), 1, 15)),
        ("once", "", "2026-03-04", Schedule("once", 1, dt.date(2026, 3, 4))),
    ],
)
def test_three_columns_make_a_schedule(cycle, day, first, expected):
    assert made(cycle, day, first) == expected


@pytest.mark.parametrize(
    ("cycle", "day", "first", "sentence"),
    [
        ("weekly", "", None, "A bill by the week needs its first due date."),
        ("weekly (Tue)", "", "2026-01-05", "2026-01-05 is a Monday, not a Tuesday."),
        ("weekly", "15", "2026-01-05", "A bill by the week has no due day of the month."),
        ("monthly", "", None, "Name the due day or the first due date."),
        ("monthly", "12", "2026-02-20", "The due day is 12, but the first due date is 2026-02-20."),
        ("monthly", "1, 15", None, "This bill is due on one day of the month; name that day."),
        ("twice a month", "15", None, "A bill due twice a month needs its two days, such as “1, 15”."),
        ("twice a month (1, 15)", "7", None, "The due day is none of the two days of “how often”."),
        ("once", "4", None, "A bill that is due once needs its due date."),
    ],
)
def test_columns_that_disagree_are_refused(cycle, day, first, sentence):
    with pytest.raises(ScheduleError) as refusal:
        made(cycle, day, first)
    assert refusal.value.sentence == sentence


def test_the_same_schedule_has_the_same_identity_wherever_it_started():
    assert made("monthly", "5").identity == made("monthly", "", "2026-07-05").identity
    assert made("quarterly", "", "2026-01-10").identity == made("quarterly", "", "2026-04-10").identity
    assert made("quarterly", "", "2026-01-10").identity != made("quarterly", "", "2026-02-10").identity
    assert made("biweekly", "", "2026-01-09").identity == made("biweekly", "", "2026-01-23").identity
    assert made("biweekly", "", "2026-01-09").identity != made("biweekly", "", "2026-01-16").identity


def test_a_schedule_in_words():
    assert in_words(made("quarterly", "10")) == "every 3 months on day 10"
    assert in_words(made("biweekly", "", "2026-01-09")) == "every 2 weeks on Friday"
    assert in_words(made("yearly", "", "2024-02-29")) == "every year on 29 February"
    assert in_words(made("twice a month (1, 15)")) == "twice a month on days 1 and 15"
    assert Cycle("week", 1) == parse_cycle("weekly")
