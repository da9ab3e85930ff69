"""Which due date a payment out of a file settles: the nearest open one, at most 60 days away."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billtracker.core.money import ZERO

REACH = dt.timedelta(days=60)


@dataclass(slots=True)
class OpenDate:
    """A due date of a bill, what is owed on it and what has been paid so far."""

    occurrence_id: int
    bill_id: int
    scheduled_date: dt.date
    due_date: dt.date
    currency: str
    owed: Decimal
    paid: Decimal

    @property
    def is_fully_paid(self) -> bool:
        return self.paid >= self.owed and (self.paid > ZERO or self.owed > ZERO)


class OpenDates:
    """The due dates of several bills; payments are put on them one after the other."""

    def __init__(self, dates: Iterable[OpenDate]):
        self._of_bill: dict[int, list[OpenDate]] = defaultdict(list)
        for date in sorted(dates, key=lambda one: (one.due_date, one.occurrence_id)):
            self._of_bill[date.bill_id].append(date)

    def nearest(self, bill_id: int, paid_on: dt.date) -> OpenDate | None:
        """Return the bill's open due date nearest to the day, the earlier of two equally near."""
        dates = self._of_bill.get(bill_id, [])
        first = bisect_left(dates, paid_on - REACH, key=lambda one: one.due_date)
        last = bisect_right(dates, paid_on + REACH, key=lambda one: one.due_date)
        still_open = (date for date in dates[first:last] if not date.is_fully_paid)
        return min(still_open, key=lambda one: abs(one.due_date - paid_on), default=None)
