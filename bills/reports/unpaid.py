"""What is overdue or due soon and not settled."""

import datetime as dt

from bills.models import Occurrence
from bills.reports.due_dates import computed_due, occurrences_due
from bills.reports.rows import DueRow, row_of
from billtracker.accounts.models import Household
from billtracker.core.periods import FIRST_DAY, Span


def overdue_before(household: Household, day: dt.date, today: dt.date) -> list[DueRow]:
    """Return what is late or missed ``today`` and was due before ``day``, the oldest first.

    Snoozed occurrences are left out until their day.
    """
    until = min(day, today)
    rows = Occurrence.objects.of_household(household).overdue(today, until).select_related("bill__category")
    found = [*rows, *(computed_due(household, Span(FIRST_DAY, until)) if until > FIRST_DAY else [])]
    ordered = sorted(found, key=lambda o: (o.due_date, o.bill.name.casefold(), o.pk or 0))
    return [row for o in ordered if (row := row_of(o, household, today)).standing.is_overdue]


def unpaid_rows(household: Household, today: dt.date, days_ahead: int = 45) -> list[DueRow]:
    """Return what is overdue or due within ``days_ahead`` days and not settled, the oldest first."""
    ahead = occurrences_due(household, Span(today, today + dt.timedelta(days=days_ahead)))
    rows = [row_of(occurrence, household, today) for occurrence in ahead]
    return overdue_before(household, today, today) + [row for row in rows if not row.standing.is_settled]
