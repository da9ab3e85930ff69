"""The interval that a series of dates keeps, although weekends and banks move single payments."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from billtracker.core.periods import clamped_date, month_after


class IntervalUnit(StrEnum):
    WEEK = "week"
    TWICE_A_MONTH = "twice a month"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Interval:
    """Every ``count`` weeks, months or years, or on two ``days`` of each month.

    ``lenient`` and ``strict`` say how many days off still count.
    """

    unit: IntervalUnit
    count: int
    lenient: int
    strict: int
    days: tuple[int, int] = (0, 0)  # of the month; only for twice a month

    def __str__(self) -> str:
        if self.unit == IntervalUnit.TWICE_A_MONTH:
            return f"twice a month, on days {self.days[0]} and {self.days[1]}"
        return f"every {self.unit}" if self.count == 1 else f"every {self.count} {self.unit}s"

    @property
    def months(self) -> int:
        return 12 * self.count if self.unit == IntervalUnit.YEAR else self.count

    def date_after(self, anchor: dt.date, steps: int) -> dt.date:
        """Return the date ``steps`` intervals after the anchor, computed from the anchor itself."""
        if self.unit == IntervalUnit.WEEK:
            return anchor + dt.timedelta(weeks=self.count * steps)
        if self.unit == IntervalUnit.TWICE_A_MONTH:
            is_second = anchor != clamped_date(anchor.year, anchor.month, self.days[0])
            months, half = divmod(steps + is_second, 2)
            return clamped_date(*month_after(anchor.year, anchor.month, months), self.days[half])
        year, month = month_after(anchor.year, anchor.month, self.months * steps)
        return clamped_date(year, month, anchor.day)

    def nearest_step(self, anchor: dt.date, day: dt.date) -> int:
        """Return after how many intervals the date next to ``day`` comes; the earlier one of two."""
        months = 12 * (day.year - anchor.year) + day.month - anchor.month
        match self.unit:
            case IntervalUnit.WEEK:
                guess = (day - anchor).days // (7 * self.count)
            case IntervalUnit.TWICE_A_MONTH:
                guess = 2 * months
            case _:
                guess = months // self.months
        steps = range(guess - 2, guess + 3)
        return min(steps, key=lambda step: (abs((self.date_after(anchor, step) - day).days), step))

    def may_count_from(self, anchor: dt.date) -> bool:
        """Say whether the anchor is one of the days that the interval names."""
        if self.unit != IntervalUnit.TWICE_A_MONTH:
            return True
        return anchor in {clamped_date(anchor.year, anchor.month, day) for day in self.days}


# The first of two that fit equally well wins.
INTERVALS = (
    Interval(IntervalUnit.MONTH, 1, lenient=10, strict=7),
    Interval(IntervalUnit.WEEK, 1, lenient=1, strict=1),
    Interval(IntervalUnit.WEEK, 2, lenient=3, strict=2),
    Interval(IntervalUnit.WEEK, 4, lenient=3, strict=2),
    Interval(IntervalUnit.MONTH, 2, lenient=10, strict=7),
    Interval(IntervalUnit.MONTH, 3, lenient=10, strict=7),
    Interval(IntervalUnit.MONTH, 6, lenient=10, strict=10),
    Interval(IntervalUnit.YEAR, 1, lenient=10, strict=10),
)
HALF_MONTH = range(10, 21)
# Of four payments one may be missing, of eight two: a month off, or paid from another account.
PAYMENTS_FOR_A_MISS = 4


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An interval with the date that it counts from, and the first and the last date of the series."""

    interval: Interval
    anchor: dt.date
    first_date: dt.date
    steps: int  # from the anchor to the last date

    @property
    def next_date(self) -> dt.date:
        return self.interval.date_after(self.anchor, self.steps + 1)

    def has_ended(self, today: dt.date) -> bool:
        """Say whether the next payment is so late that it will not come."""
        return today > self.next_date + dt.timedelta(days=self.interval.lenient)


def find_rhythm(days: Sequence[dt.date], *, is_strict: bool) -> Rhythm | None:
    """Return the interval that these dates, in their order, keep best; None where they keep none."""
    fits = [
        (missing, distance, order, rhythm)
        for order, interval in enumerate([*INTERVALS, *_twice_a_month(days)])
        for missing, distance, rhythm in _fits(interval, days, is_strict)
    ]
    return min(fits, key=lambda fit: fit[:3])[3] if fits else None


def _twice_a_month(days: Sequence[dt.date]) -> list[Interval]:
    """Return the pairs of days of the month that follow each other about half a month apart."""
    pairs = {
        (min(one.day, other.day), max(one.day, other.day))
        for one, other in pairwise(days)
        if abs(one.day - other.day) in HALF_MONTH and (other - one).days in HALF_MONTH
    }
    return [Interval(IntervalUnit.TWICE_A_MONTH, 1, lenient=3, strict=2, days=pair) for pair in sorted(pairs)]


def _fits(interval: Interval, days: Sequence[dt.date], is_strict: bool) -> Iterator[tuple[int, int, Rhythm]]:
    """Give what is missing and how far the dates are off, for each date that the interval may count from."""
    tolerance = interval.strict if is_strict else interval.lenient
    for anchor in filter(interval.may_count_from, sorted(set(days))):
        kept = _steps_kept(interval, anchor, days, tolerance)
        if kept is None:
            continue
        steps, off = kept
        missing = steps[-1] - steps[0] + 1 - len(steps)
        if missing <= len(days) // PAYMENTS_FOR_A_MISS:
            yield missing, off, Rhythm(interval, anchor, days[0], steps[-1])


def _steps_kept(
    interval: Interval, anchor: dt.date, days: Sequence[dt.date], tolerance: int
) -> tuple[list[int], int] | None:
    """Return the step of each date and how far all are off; None where one is too far off or repeated."""
    steps: list[int] = []
    total = 0
    for day in days:
        step = interval.nearest_step(anchor, day)
        off = abs((interval.date_after(anchor, step) - day).days)
        if off > tolerance or (steps and step <= steps[-1]):
            return None
        steps.append(step)
        total += off
    return steps, total
