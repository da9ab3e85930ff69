"""When one is reminded of a due date: exact days, and what holds for all of them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bills.reminders.stages import (
    AHEAD,
    OLDEST,
    bill_id_of,
    scheduled_date_of,
    stages,
    subject_of,
    wanted_stages,
)

DUE = dt.date(2026, 11, 30)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2028, 1, 1))
LEADS = st.one_of(st.none(), st.lists(st.integers(1, 60), max_size=5, unique=True).map(tuple))
LAST = [("11-30", "due"), ("12-01", "overdue")]
SNOOZES = st.one_of(st.none(), DAYS)


def november(*days):
    return [dt.date(2026, 11, 1) + dt.timedelta(days=day - 1) for day in days]


def plan(lead_days=(3, 1), snoozed_until=None):
    return [(str(stage.date)[5:], stage.name) for stage in stages(DUE, lead_days, snoozed_until)]


def test_by_default_one_is_reminded_three_days_and_one_day_before_on_the_day_and_the_day_after():
    assert plan() == [("11-27", "before_3"), ("11-29", "before_1"), ("11-30", "due"), ("12-01", "overdue")]


def test_without_lead_days_the_due_day_and_the_day_after_remain():
    assert plan(()) == [("11-30", "due"), ("12-01", "overdue")]


def test_off_is_nothing_at_all():
    assert plan(None) == []


@pytest.mark.parametrize(("until", "expected"), [
    (dt.date(2026, 11, 20), [("11-27", "before_3"), ("11-29", "before_1"), *LAST]),
    (dt.date(2026, 11, 28), [("11-28", "before_2"), ("11-29", "before_1"), *LAST]),
    (dt.date(2026, 11, 29), [("11-29", "before_1"), *LAST]),
    (dt.date(2026, 11, 30), LAST),
    (dt.date(2026, 12, 10), [("12-10", "overdue")]),
])  # fmt: skip
def test_what_a_snooze_covers_comes_once_when_it_ends(until, expected):
    assert plan(snoozed_until=until) == expected


@pytest.mark.parametrize(("reached", "today", "expected"), [
    (19, 19, []),
    (19, 20, ["before_3"]),  # a week ahead; the hour of the 20th has not come
    (26, 27, ["before_3", "before_1", "due", "overdue"]),
    (27, 27, ["before_3", "before_1", "due", "overdue"]),
    (28, 28, ["before_3", "before_1", "due", "overdue"]),
    (29, 29, ["before_1", "due", "overdue"]),
    (30, 30, ["due", "overdue"]),
    (31, 31, ["overdue"]),  # the first of December
    (41, 41, ["overdue"]),  # ten days of downtime: one reminder tells what is true now
    (45, 45, ["overdue"]),
    (46, 46, []),
])  # fmt: skip
def test_of_what_was_missed_the_latest_is_told(reached, today, expected):
    (last,), (now,) = november(reached), november(today)
    names = [stage.name for stage in wanted_stages(stages(DUE, (3, 1)), reached=last, today=now)]
    assert names == expected


@given(DAYS, LEADS, SNOOZES)
def test_the_days_increase_with_one_stage_each_and_none_while_snoozed(due, leads, snooze):
    found = stages(due, leads, snooze)
    dates = [stage.date for stage in found]
    assert dates == sorted(set(dates))
    assert len({stage.name for stage in found if stage.name != "overdue"}) == sum(
        stage.name != "overdue" for stage in found
    )
    assert snooze is None or all(day >= snooze for day in dates)
    assert bool(found) == (leads is not None)


@given(DAYS, LEADS, SNOOZES)
def test_a_stage_says_how_far_its_day_is_from_the_due_date(due, leads, snooze):
    for stage in stages(due, leads, snooze):
        days = (due - stage.date).days
        assert stage.name == (f"before_{days}" if days > 0 else "due" if days == 0 else "overdue")


@given(DAYS, LEADS, SNOOZES, DAYS, st.booleans())
def test_of_what_was_reached_at_most_one_is_wanted_and_nothing_far_off(due, leads, snooze, today, come):
    reached = today if come else today - dt.timedelta(days=1)
    found = wanted_stages(stages(due, leads, snooze), reached=reached, today=today)
    assert sum(stage.date <= reached for stage in found) <= 1
    assert all(reached - OLDEST <= stage.date <= today + AHEAD for stage in found)


@given(DAYS, LEADS, SNOOZES)
def test_who_is_there_every_day_hears_every_stage_once(due, leads, snooze):
    everything = stages(due, leads, snooze)
    told, day = [], due - dt.timedelta(days=61)
    last = max([due, *(stage.date for stage in everything)]) + dt.timedelta(days=20)
    while day <= last:
        told += [s for s in wanted_stages(everything, reached=day, today=day) if s.date == day]
        day += dt.timedelta(days=1)
    assert told == everything


@given(st.integers(1, 2**40), DAYS)
def test_a_subject_leads_back_to_its_due_date(bill_id, day):
    subject = subject_of(bill_id, day)
    assert (bill_id_of(subject), scheduled_date_of(subject)) == (bill_id, day)
    assert len(subject) <= 80
