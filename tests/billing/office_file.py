"""The office's sample file as rows made by factories, and the drafts that it asks for.

What is expected is counted here with the file and the calendar alone, with nothing of the product.
"""

import csv
import datetime as dt
from calendar import monthrange
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from billing.models import Client
from tests.factories import make_client, make_engagement

FILE = Path(__file__).parent.parent / "data" / "office-clients.csv"
INTERVALS = {"monthly": 1, "quarterly": 3}
CENT = Decimal("0.01")


def rows() -> list[dict]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def make_books() -> None:
    """Make the file's clients and engagements."""
    for row in rows():
        client = Client.objects.named(row["client"]).first()
        client = client or make_client(name=row["client"], terms_days=int(row["terms days"]))
        terms = {}
        if row["type"] == "retainer":
            terms = {
                "interval_months": INTERVALS[row["interval"]],
                "billing_day": int(row["billing day"]),
                "partial_periods": row["partial periods"],
            }
        make_engagement(
            client,
            fee=row["fee"],
            kind=row["type"],
            title=row["engagement"],
            starts_on=date(row["start"]),
            ends_on=date(row["end"]),
            **terms,
        )


def expected(year: int, month: int) -> set[tuple]:
    """Return what the month's drafts are: client, first and last day, amount, issue and due date."""
    drafts = (draft_of(row, year, month) for row in rows() if row["type"] == "retainer")
    return {draft for draft in drafts if draft}


def months_from(year: int, month: int, count: int) -> list[tuple[int, int]]:
    return [(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1) for n in range(count)]


def days_of(year: int, month: int) -> list[dt.date]:
    return [dt.date(year, month, day + 1) for day in range(monthrange(year, month)[1])]


def draft_of(row: dict, year: int, month: int) -> tuple | None:
    start, end, months = date(row["start"]), date(row["end"]), INTERVALS[row["interval"]]
    count = (year - start.year) * 12 + month - start.month
    if count % months:
        return None
    days = [day for each in months_from(year, month, months) for day in days_of(*each)]
    worked = [day for day in days if start <= day and (end is None or day <= end)]
    if not worked or (worked != days and row["partial periods"] == "skip"):
        return None
    amount = Decimal(row["fee"])
    if row["partial periods"] == "prorated":
        amount = (amount * len(worked) / len(days)).quantize(CENT, ROUND_HALF_UP)
    issued = dt.date(year, month, min(int(row["billing day"]), monthrange(year, month)[1]))
    issued = max(issued, start)  # never before the engagement
    due = issued + dt.timedelta(days=int(row["terms days"]))
    return row["client"], days[0], days[-1], amount, issued, due
