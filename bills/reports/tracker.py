"""The month tracker: rows by pay period, totals, what is overdue from before."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bills.reports.due_dates import occurrences_due
from bills.reports.rows import DueRow, row_of
from bills.reports.totals import Totals, all_totals
from bills.reports.unpaid import overdue_before
from bills.rules.states import OVERDUE, OccurrenceState
from billtracker.accounts.models import Household
from billtracker.core.money import ZERO
from billtracker.core.periods import Month, Span


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks to see of a month."""

    query: str = ""
    show: str = "all"
    category: int | None = None
    sort: str = "due"

    def lets_through(self, row: DueRow) -> bool:
        words = f"{row.bill.name} {row.category or ''} {row.occurrence.note}".casefold()
        return (
            self.query.casefold() in words
            and (self.category is None or (row.category is not None and row.category.pk == self.category))
            and SHOWN[self.show](row)
        )

    def in_order(self, rows: Iterable[DueRow]) -> list[DueRow]:
        return sorted(rows, key=SORTED[self.sort])


SHOWN = {
    "all": lambda row: True,
    "unpaid": lambda row: not row.standing.is_settled,
    "overdue": lambda row: row.is_past_due,
    "paid": lambda row: row.paid > ZERO or row.standing.state == OccurrenceState.ASSUMED_PAID,
    "skipped": lambda row: row.standing.state == OccurrenceState.SKIPPED,
}
SORTED = {
    "due": lambda row: (row.occurrence.due_date, row.bill.name.casefold()),
    "name": lambda row: (row.bill.name.casefold(), row.occurrence.due_date),
    "amount": lambda row: (row.currency, -row.owed, row.bill.name.casefold()),
    "state": lambda row: (list(OccurrenceState).index(row.standing.urgency), row.occurrence.due_date),
}


@dataclass(frozen=True, slots=True)
class PayPeriod:
    """The part of a month that one pay covers, with its rows."""

    span: Span
    rows: list[DueRow]
    totals: list[Totals]

    @property
    def due_now(self) -> list[DueRow]:
        """Rows to pay by today, or within the due-soon window, as far as their amount is known."""
        due = {*OVERDUE, OccurrenceState.DUE_SOON}
        return [row for row in self.rows if row.standing.urgency in due and not row.is_unknown]


@dataclass(frozen=True, slots=True)
class MonthTracker:
    """A month of bills: rows by pay period, totals, and what is overdue from before."""

    month: Month
    today: dt.date
    rows: list[DueRow]
    periods: list[PayPeriod]
    totals: list[Totals]
    overdue: list[DueRow]

    @property
    def shown_count(self) -> int:
        return sum(len(period.rows) for period in self.periods)

    @property
    def overdue_totals(self) -> list[Totals]:
        """Sums of everything overdue from before, on whichever page of it."""
        return all_totals(self.overdue)


def _pay_periods(month: Month, second_day: int) -> list[Span]:
    """Return the month's pay periods: from the 1st, and from ``second_day`` on."""
    middle = month.first_day.replace(day=second_day)
    return [Span(month.first_day, middle), Span(middle, month.span.end)]


def month_tracker(
    household: Household, month: Month, today: dt.date, filters: Filters | None = None
) -> MonthTracker:
    """Return everything the tracker shows of a month, as of ``today`` in the household's time zone.

    Filters choose the rows that are shown, overdue ones too; totals are always the whole month's.
    """
    filters = filters or Filters()
    rows = [row_of(o, household, today) for o in occurrences_due(household, month.span)]
    shown = filters.in_order(row for row in rows if filters.lets_through(row))
    periods = [
        PayPeriod(
            span,
            [row for row in shown if row.occurrence.due_date in span],
            all_totals([row for row in rows if row.occurrence.due_date in span], household.currency),
        )
        for span in _pay_periods(month, household.second_period_day)
    ]
    overdue = [row for row in overdue_before(household, month.first_day, today) if filters.lets_through(row)]
    return MonthTracker(month, today, rows, periods, all_totals(rows, household.currency), overdue)
