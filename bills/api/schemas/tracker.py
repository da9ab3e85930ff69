"""The month tracker in the API."""

import datetime as dt

from ninja import Field, Schema

from bills.api.schemas.occurrences import OccurrenceOut, show_row
from bills.reports.totals import Totals
from bills.reports.tracker import MonthTracker
from billtracker.core.money import to_text

OVERDUE_SHOWN = 100


class TotalsOut(Schema):
    currency: str
    expected: str
    paid: str
    assumed: str
    left: str
    overdue: str
    count: int
    settled_count: int
    skipped_count: int
    unknown_count: int


class PeriodOut(Schema):
    first_day: dt.date
    last_day: dt.date
    totals: list[TotalsOut]
    items: list[OccurrenceOut]


class TrackerOut(Schema):
    month: str
    today: dt.date
    household: int
    totals: list[TotalsOut]
    periods: list[PeriodOut]
    overdue: list[OccurrenceOut] = Field(description="The oldest 100; all of them at /api/overdue/.")
    overdue_count: int


def _show_totals(total: Totals) -> dict:
    amounts = {
        name: to_text(getattr(total, name), total.currency)
        for name in ("expected", "paid", "assumed", "left", "overdue")
    }
    names = ("currency", "count", "settled_count", "skipped_count", "unknown_count")
    counts = {name: getattr(total, name) for name in names}
    return amounts | counts


def show_tracker(tracker: MonthTracker, household_id: int) -> dict:
    return {
        "month": str(tracker.month), "today": tracker.today, "household": household_id,
        "totals": [_show_totals(total) for total in tracker.totals],
        "periods": [
            {"first_day": period.span.start, "last_day": period.span.last_day,
             "totals": [_show_totals(total) for total in period.totals],
             "items": [show_row(row) for row in period.rows]}
            for period in tracker.periods
        ],
        "overdue": [show_row(row) for row in tracker.overdue[:OVERDUE_SHOWN]],
        "overdue_count": len(tracker.overdue),
    }  # fmt: skip
