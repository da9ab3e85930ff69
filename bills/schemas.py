"""The shapes that bills, occurrences and payments have in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from bills.ledger import Entry
from bills.models import Bill, Category, Payment
from bills.reports import MonthTracker, Row, Totals
from billtracker.core.api import AmountText, Id, InSchema
from billtracker.core.money import to_text

Unit = Literal["week", "month", "year", "twice_a_month", "once"]
Shift = Literal["none", "before", "after"]
StateName = Literal[
    "skipped",
    "paid",
    "overpaid",
    "assumed_paid",
    "partial",
    "snoozed",
    "upcoming",
    "due_soon",
    "late",
    "missed",
]
Currency = Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$")
Day = Field(None, ge=1, le=31)


class CategoryIn(InSchema):
    name: str = Field(min_length=1, max_length=80)


class CategoryOut(Schema):
    id: int
    name: str


class BillIn(InSchema):
    """A bill to create; what is left out takes the default."""

    name: str = Field(min_length=1, max_length=120)
    category: Id | None = None
    amount: AmountText
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="The household's, if left out.")
    unit: Unit = "month"
    interval: int = Field(1, ge=1, le=100)
    start_date: dt.date
    due_day: int | None = Day
    second_due_day: int | None = Day
    end_date: dt.date | None = None
    instalments: int | None = Field(None, ge=1, le=1200)
    weekend_shift: Shift = "none"
    tracked_from: dt.date | None = Field(None, description="This month's first day, if left out.")
    is_active: bool = True
    is_autopay: bool = False
    is_subscription: bool = False
    is_variable: bool = False
    reminder_lead_days: str = Field("", max_length=40, description="7, 1; none; off; empty: the household's.")
    notes: str = Field("", max_length=4000)
    website: str = Field("", max_length=300, pattern=r"^(https?://\S+)?$")
    account_reference: str = Field("", max_length=80)


class BillPatch(BillIn):
    """Fields of a bill to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=120)
    amount: AmountText | None = None
    start_date: dt.date | None = None


class BillOut(Schema):
    id: int
    household: int
    name: str
    category: CategoryOut | None
    amount: str
    currency: str
    unit: Unit
    interval: int
    start_date: dt.date
    due_day: int | None
    second_due_day: int | None
    end_date: dt.date | None
    instalments: int | None
    weekend_shift: Shift
    tracked_from: dt.date
    is_active: bool
    is_autopay: bool
    is_subscription: bool
    is_variable: bool
    reminder_lead_days: str
    notes: str
    website: str
    account_reference: str


class ReminderOut(Schema):
    """One reminder of a due date to one recipient; ``at`` is on the recipient's wall clock."""

    scheduled_date: dt.date
    stage: str = Field(description="before_N (days), due or overdue.")
    at: dt.datetime
    recipient: str
    via: Literal["mail", "channel"]
    state: Literal["planned", "sent", "failed", "withdrawn"]
    reason: str
    next_try_at: dt.datetime | None
    sent_at: dt.datetime | None


class OccurrenceOut(Schema):
    """One due date; ``id`` is null while it is computed and nobody touched it."""

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
    snoozed_until: dt.date | None = None


class SplitIn(InSchema):
    """Which due date is settled by how much: by ``occurrence``, or by ``bill`` and ``scheduled_date``."""

    occurrence: Id | None = None
    bill: Id | None = None
    scheduled_date: dt.date | None = None
    amount: AmountText


class PaymentIn(InSchema):
    splits: list[SplitIn] = Field(min_length=1, max_length=200)
    currency: str = Currency
    paid_on: dt.date
    method: str = Field("", max_length=40)
    note: str = Field("", max_length=500)


class SplitOut(Schema):
    occurrence: int
    bill: int
    scheduled_date: dt.date
    amount: str


class PaymentOut(Schema):
    id: int
    household: int
    amount: str
    currency: str
    paid_on: dt.date
    method: str
    note: str
    source: Literal["manual", "file_import", "bank_match", "autopay"]
    is_deleted: bool
    splits: list[SplitOut]


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
    overdue: list[OccurrenceOut]


def show_category(category: Category | None) -> dict | None:
    """Give a category; one in the bin is none."""
    if category is None or category.deleted_at:
        return None
    return {"id": category.pk, "name": category.name}


def show_bill(bill: Bill) -> dict:
    fields = {name: getattr(bill, name) for name in BillOut.model_fields if hasattr(bill, name)}
    return fields | {
        "household": bill.household_id,
        "category": show_category(bill.category),
        "amount": to_text(bill.expected_amount, bill.currency),
    }


def show_reminder(entry: Entry) -> dict:
    names = ("scheduled_date", "at", "via", "state", "reason", "next_try_at", "sent_at")
    return {name: getattr(entry, name) for name in names} | {
        "stage": entry.row.stage, "recipient": entry.who,
    }  # fmt: skip


def show_row(row: Row) -> dict:
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


def show_payment(payment: Payment) -> dict:
    """Give a payment whose splits are prefetched with their occurrences."""
    return {
        "id": payment.pk, "household": payment.household_id, "currency": payment.currency,
        "amount": to_text(payment.amount, payment.currency), "paid_on": payment.paid_on,
        "method": payment.method, "note": payment.note, "source": payment.source,
        "is_deleted": payment.deleted_at is not None,
        "splits": [
            {"occurrence": split.occurrence_id, "bill": split.occurrence.bill_id,
             "scheduled_date": split.occurrence.scheduled_date,
             "amount": to_text(split.amount, payment.currency)}
            for split in payment.splits.all()
        ],
    }  # fmt: skip


def show_totals(total: Totals) -> dict:
    amounts = {
        name: to_text(getattr(total, name), total.currency)
        for name in ("expected", "paid", "assumed", "left", "overdue")
    }
    counts = {name: getattr(total, name) for name in ("currency", "count", "settled_count", "skipped_count")}
    return amounts | counts


def show_tracker(tracker: MonthTracker, household_id: int) -> dict:
    return {
        "month": str(tracker.month), "today": tracker.today, "household": household_id,
        "totals": [show_totals(total) for total in tracker.totals],
        "periods": [
            {"first_day": period.span.start, "last_day": period.span.last_day,
             "totals": [show_totals(total) for total in period.totals],
             "items": [show_row(row) for row in period.rows]}
            for period in tracker.periods
        ],
        "overdue": [show_row(row) for row in tracker.overdue],
    }  # fmt: skip
