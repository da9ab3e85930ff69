"""Which cycle of its bill a due date stands for, and when two due dates stand for the same one.

The cycle of a bill by the month is its calendar month, by the year the twelve months that begin with
its month, by the week the week from Monday; "every 3 months" is three of them. A bill that is due
once has one cycle.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bills.models import Bill
from billtracker.core.periods import month_after

SECOND_HALF = 16


@dataclass(frozen=True, slots=True)
class BillCycle:
    """The days from ``start`` (inclusive) to ``end`` (exclusive) that one due date stands for."""

    start: dt.date
    end: dt.date


ONCE = BillCycle(dt.date.min, dt.date.max)


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A scheduled date with the cycle that it stands for."""

    date: dt.date
    cycle: BillCycle

    def is_same_as(self, older: "DueCycle") -> bool:
        """Say whether both stand for one cycle: the middle of the shorter one lies in the longer one.

        Cycles of one length then meet in pairs: each new one is the same as exactly one older one.
        A middle on the edge of two belongs to the earlier one, so that a date that moved later by half
        a cycle is not owed twice.
        """
        if self.date == older.date or self.cycle == older.cycle:
            return True
        if self.cycle == ONCE:
            return older.cycle.start <= self.date < older.cycle.end
        if older.cycle == ONCE:
            return self.cycle.start <= older.date < self.cycle.end
        return _is_same(self.cycle, older.cycle)


def cycle_of(unit: str, interval: int, day: dt.date, *, is_second_half: bool = False) -> BillCycle:
    """Return the cycle that a date scheduled every ``interval`` units stands for."""
    match unit:
        case Bill.Unit.ONCE:
            return ONCE
        case Bill.Unit.WEEK:
            monday = day - dt.timedelta(days=day.weekday())
            return BillCycle(monday, monday + dt.timedelta(weeks=interval))
        case Bill.Unit.TWICE_A_MONTH:
            first, middle = day.replace(day=1), day.replace(day=SECOND_HALF)
            return BillCycle(middle, _months_after(first, 1)) if is_second_half else BillCycle(first, middle)
    months = 12 * interval if unit == Bill.Unit.YEAR else interval
    return BillCycle(day.replace(day=1), _months_after(day.replace(day=1), months))


def _months_after(first: dt.date, months: int) -> dt.date:
    return dt.date(*month_after(first.year, first.month, months), 1)


def _is_same(new: BillCycle, old: BillCycle) -> bool:
    """Compare months as months, which differ in days, and anything else by days."""
    new_start, new_end, old_start, old_end = _measure(new, old)
    if new_end - new_start <= old_end - old_start:
        return 2 * old_start < new_start + new_end <= 2 * old_end
    return 2 * new_start <= old_start + old_end < 2 * new_end


def _measure(*cycles: BillCycle) -> list[int]:
    edges = [edge for cycle in cycles for edge in (cycle.start, cycle.end)]
    if all(edge.day in (1, SECOND_HALF) for edge in edges):
        return [2 * (12 * edge.year + edge.month) + (edge.day == SECOND_HALF) for edge in edges]
    return [edge.toordinal() for edge in edges]


class CycleSet:
    """Cycles that due dates stand for already; asked for each new date whether its cycle is among them."""

    def __init__(self, kept: Iterable[DueCycle]):
        self._of_year: dict[int, list[DueCycle]] = defaultdict(list)
        self._once: list[DueCycle] = []
        for due in kept:
            if due.cycle == ONCE:
                self._once.append(due)
                continue
            for year in range(due.cycle.start.year, due.cycle.end.year + 1):
                self._of_year[year].append(due)

    def has(self, new: DueCycle) -> bool:
        """Say whether one of the dates stands for the cycle of ``new``."""
        if any(new.is_same_as(due) for due in self._once):
            return True
        if new.cycle == ONCE:
            return any(new.is_same_as(due) for due in self._of_year[new.date.year])
        years = range(new.cycle.start.year, new.cycle.end.year + 1)
        return any(new.is_same_as(due) for year in years for due in self._of_year[year])
