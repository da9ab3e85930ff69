"""The shape of what was applied to a statement in the API."""

import datetime as dt

from ninja import Field, Schema

from billing.models import Allocation
from billtracker.core.money import to_text


class AllocationOut(Schema):
    """An amount on a statement, from one of three; a reversal is a row of the negative amount."""

    id: int
    statement: int
    statement_number: str | None
    payment: int | None
    settlement: int | None
    credit_note: int | None
    amount: str
    currency: str
    effective_on: dt.date
    reverses: int | None = Field(description="The row that this one takes back.")
    reason: str


def show_allocation(row: Allocation) -> dict:
    """Give a row whose statement is at hand."""
    return {
        "id": row.pk, "statement": row.statement_id, "statement_number": row.statement.number,
        "payment": row.payment_id, "settlement": row.settlement_id, "credit_note": row.credit_note_id,
        "amount": to_text(row.amount, row.statement.currency), "currency": row.statement.currency,
        "effective_on": row.effective_on, "reverses": row.reverses_id, "reason": row.reason,
    }  # fmt: skip
