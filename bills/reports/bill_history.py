"""One bill over time: its due dates, and what it cost in each month."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from bills.models import Bill, Occurrence
from bills.rules.states import owed_of
from billtracker.core.money import ZERO
from billtracker.core.periods import Month, Span


def past_and_next(bill: Bill, today: dt.date) -> QuerySet[Occurrence]:
    """Return the bill's occurrences up to 62 days ahead, the latest first, each with ``paid``."""
    rows = bill.occurrences.filter(due_date__lte=today + dt.timedelta(days=62))
    return rows.with_paid().select_related("bill__category").order_by("-due_date", "-pk")


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """What a bill cost in one month."""

    month: Month
    owed: Decimal
    paid: Decimal


def twelve_months(bill: Bill, today: dt.date) -> list[MonthAmount]:
    """Return what was owed and paid for the bill in each of the twelve months up to this one."""
    months = [Month.of(today)]
    while len(months) < 12:
        months.insert(0, months[0].previous)
    span = Span(months[0].first_day, months[-1].span.end)
    owed, paid = dict.fromkeys(months, ZERO), dict.fromkeys(months, ZERO)
    for occurrence in bill.occurrences.due_in(span).not_skipped().with_paid().select_related("bill"):
        month = Month.of(occurrence.due_date)
        owed[month] += owed_of(occurrence, occurrence.paid)
        paid[month] += occurrence.paid
    return [MonthAmount(month, owed[month], paid[month]) for month in months]
