"""Payments in the API, with what each of them settles."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from bills.models import Payment
from billtracker.core.money import to_text
from billtracker.core.web.api import AmountText, Day, Id, InSchema

Currency = Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$")


class SplitIn(InSchema):
    """Which due date is settled by how much: by ``occurrence``, or by ``bill`` and ``scheduled_date``."""

    occurrence: Id | None = None
    bill: Id | None = None
    scheduled_date: Day | None = None
    amount: AmountText


class PaymentIn(InSchema):
    splits: list[SplitIn] = Field(min_length=1, max_length=200)
    currency: str = Currency
    paid_on: Day
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
