"""What stands from a day on: sums of dated amounts that must hold on each day, not only on the last one."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from billtracker.core.money import ZERO

# An amount with the day from whose end on it counts; what is taken away is below zero.
DatedAmount = tuple[dt.date, Decimal]


def standing_by_day(rows: Iterable[DatedAmount]) -> list[DatedAmount]:
    """Return what stands at the end of each day on which something changed, in order of days."""
    standing, days = ZERO, []
    for day, of_day in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        standing += sum((amount for _, amount in of_day), ZERO)
        days.append((day, standing))
    return days


def standing_in_the_end(rows: Iterable[DatedAmount]) -> Decimal:
    """Return what stands once every row counts."""
    return sum((amount for _, amount in rows), ZERO)


def _standing_on(rows: Iterable[DatedAmount], day: dt.date) -> Decimal:
    """Return what stands at the end of the day."""
    return sum((amount for on, amount in rows if on <= day), ZERO)


def least_from(rows: Iterable[DatedAmount], day: dt.date) -> Decimal:
    """Return the least that stands at the end of that day or of any later one."""
    known = list(rows)
    later = [standing for on, standing in standing_by_day(known) if on > day]
    return min([_standing_on(known, day), *later])


def first_day_with(rows: Iterable[DatedAmount], amount: Decimal) -> dt.date | None:
    """Return the first day from which that much stands on every day; None when it does not in the end.

    Before the first row nothing stands: without rows there is no such day either.
    """
    first = None
    for day, standing in reversed(standing_by_day(rows)):
        if standing < amount:
            break
        first = day
    return first
