"""Due dates in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from bills.api.schemas.categories import CategoryOut, show_category
from bills.reports.rows import DueRow
from billtracker.core.money import to_text
from billtracker.core.web.api import AmountText, Day, InSchema

StateName = Literal[
    "skipped",
    "paid",
    "overpaid",
    "assumed_paid",
    "partial",
    "amount_unknown",
    "snoozed",
    "upcoming",
    "due_soon",
    "late",
    "missed",
]


class OccurrenceOut(Schema):
    """One due date; ``id`` is null while it is computed and nobody touched it.

    ``amount_unknown``: the bill varies and nobody said yet how much it is; ``owed`` is 0 and in no total.
    """

    id: int | None
    bill: int
    bill_name: str
    category: CategoryOut | None
    scheduled_date: dt.date
    due_date: dt.date
    currency: str
    owed: str
    paid: str
    left: str
    state: StateName
    urgency: StateName
    is_autopay: bool
    snoozed_until: dt.date | None
    note: str


class OccurrencePatch(InSchema):
    """What to change about one due date; what is left out stays, null takes it back."""

    amount: AmountText | None = None
    note: str | None = Field(None, max_length=500)
    is_skipped: bool | None = None
    snoozed_until: Day | None = None


def show_row(row: DueRow) -> dict:
    occurrence = row.occurrence
    return {
        "id": occurrence.pk, "bill": occurrence.bill_id, "bill_name": row.bill.name,
        "category": show_category(row.bill.category), "scheduled_date": occurrence.scheduled_date,
        "due_date": occurrence.due_date, "currency": row.currency, "owed": to_text(row.owed, row.currency),
        "paid": to_text(row.paid, row.currency), "left": to_text(row.left, row.currency),
        "state": row.standing.state.value, "urgency": row.standing.urgency.value,
        "is_autopay": occurrence.is_autopay, "snoozed_until": occurrence.snoozed_until,
        "note": occurrence.note,
    }  # fmt: skip
