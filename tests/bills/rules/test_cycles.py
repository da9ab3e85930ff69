"""Which cycle a due date stands for: exact cases, and that cycles of one length meet in pairs."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bills.rules.cycles import ONCE, CycleSet, DueCycle, cycle_of
from bills.rules.schedules import ScheduleRule, scheduled_cycles
from billtracker.core.periods import Span

D = dt.date
dates = st.dates(D(2000, 1, 1), D(2040, 12, 31))
steps = st.sampled_from([("week", 1), ("week", 2), ("week", 5), ("month", 1), ("month", 2), ("month", 3),
                         ("month", 7), ("year", 1), ("year", 2), ("twice_a_month", 1)])  # fmt: skip


def due(unit, interval, *day) -> DueCycle:
    return DueCycle(D(*day), cycle_of(unit, interval, D(*day)))


@pytest.mark.parametrize(
    ("cycle", "start", "end"),
    [
        (cycle_of("month", 1, D(2026, 11, 25)), D(2026, 11, 1), D(2026, 12, 1)),
        (cycle_of("month", 3, D(2026, 11, 25)), D(2026, 11, 1), D(2027, 2, 1)),
        (cycle_of("year", 1, D(2026, 11, 1)), D(2026, 11, 1), D(2027, 11, 1)),
        (cycle_of("week", 2, D(2026, 11, 27)), D(2026, 11, 23), D(2026, 12, 7)),
        (cycle_of("twice_a_month", 1, D(2026, 11, 3)), D(2026, 11, 1), D(2026, 11, 16)),
        (cycle_of("twice_a_month", 1, D(2026, 11, 9), is_second_half=True), D(2026, 11, 16), D(2026, 12, 1)),
    ],
)
def test_a_cycle_is_as_long_as_its_step(cycle, start, end):
    assert (cycle.start, cycle.end) == (start, end)


@pytest.mark.parametrize(
    ("new", "old", "is_same"),
    [
        (due("once", 1, 2026, 12, 12), due("once", 1, 2025, 1, 1), True),
        (due("month", 1, 2026, 11, 30), due("month", 1, 2026, 11, 25), True),
        (due("month", 1, 2026, 12, 1), due("month", 1, 2026, 11, 25), False),
        (due("year", 1, 2026, 12, 15), due("year", 1, 2026, 11, 1), True),
        (due("year", 1, 2027, 12, 15), due("year", 1, 2026, 11, 1), False),
        (due("week", 1, 2026, 11, 23), due("week", 1, 2026, 11, 20), False),
        # A week belongs to the month in which its Thursday lies.
        (due("week", 1, 2026, 11, 30), due("month", 1, 2026, 11, 25), False),
        (due("week", 1, 2026, 11, 23), due("month", 1, 2026, 11, 5), True),
        # Three months that begin with a paid one are not owed again; those that begin after it are.
        (due("month", 3, 2026, 11, 30), due("month", 1, 2026, 11, 25), True),
        (due("month", 3, 2026, 12, 30), due("month", 1, 2026, 11, 25), False),
        # Moved by half a cycle: the later date belongs to what is paid.
        (due("month", 2, 2026, 12, 5), due("month", 2, 2026, 11, 5), True),
        (due("month", 2, 2026, 10, 5), due("month", 2, 2026, 11, 5), False),
        (due("once", 1, 2026, 11, 30), due("month", 1, 2026, 11, 25), True),
        (due("month", 1, 2026, 12, 30), due("once", 1, 2026, 12, 10), True),
        (due("month", 1, 2027, 1, 30), due("once", 1, 2026, 12, 10), False),
    ],
)
def test_a_new_date_stands_for_an_old_cycle_when_the_middle_of_the_shorter_lies_in_the_longer(
    new, old, is_same
):
    assert new.is_same_as(old) == is_same
    assert CycleSet([old]).has(new) == is_same


@given(steps, dates, dates, st.integers(1, 31), st.integers(1, 31))
def test_each_old_cycle_of_the_same_length_has_one_new_one(step, one, other, day, second):
    """No cycle is owed twice and none is lost, wherever the schedule moves."""
    second = second if second != day else day % 31 + 1
    begin = max(one, other) + dt.timedelta(days=1500)
    span = Span(begin - dt.timedelta(days=1500), begin + dt.timedelta(days=4000))
    old, new = (
        list(scheduled_cycles(ScheduleRule(*step, start, day, second), span)) for start in (one, other)
    )
    for due in old:
        if begin <= due.cycle.start < begin + dt.timedelta(days=2500):
            same = [date for date in new if date.is_same_as(due)]
            assert len({date.cycle for date in same}) == 1


@given(steps, steps, dates)
def test_cycles_that_begin_together_are_the_same(one, other, day):
    """The database allows one due date for each beginning."""
    first, second = (DueCycle(day, cycle_of(*step, day)) for step in (one, other))
    if first.cycle.start == second.cycle.start:
        assert DueCycle(D.min, first.cycle).is_same_as(DueCycle(D.max, second.cycle))


def test_a_bill_that_is_due_once_has_one_cycle():
    assert cycle_of("once", 1, D(2026, 12, 10)) == cycle_of("once", 1, D(2027, 12, 10)) == ONCE
