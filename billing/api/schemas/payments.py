"""The shapes of the office's payments in the API; names differ from those of a household's."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from billing.api.schemas.allocations import AllocationOut, show_allocation
from billing.api.schemas.clients import ClientRef, Code, show_ref
from billing.models import Payment, Refund
from billing.reports.payments import warning_of
from billtracker.core.money import ZERO, to_text
from billtracker.core.web.api import AmountText, Day, Id, InSchema

PaymentState = Literal["draft", "posted", "verified", "void"]
Method = Literal["cash", "check", "transfer", "card", "wallet", "other"]
Cause = Literal["error", "bounced", "refunded"]


class OfficePaymentFields(InSchema):
    """What is said about a payment, whether new or not."""

    paid_on: Day = Field(description="The day on which the money came.")
    amount: AmountText
    currency: Code | None = Field(None, description="The client's, if left out.")
    method: Method = "transfer"
    manual_number: str = Field("", max_length=40, description="From the paper booklet; needed to post.")
    reference: str = Field("", max_length=120)
    notes: str = Field("", max_length=2000)


class OfficePaymentIn(OfficePaymentFields):
    """A payment to record as a draft."""

    client: Id


class OfficePaymentPatch(OfficePaymentFields):
    """What to change of a draft; what is left out stays."""

    paid_on: Day | None = None  # type: ignore[assignment]  # a patch may leave it out
    amount: AmountText | None = None  # type: ignore[assignment]  # a patch may leave it out


class PartIn(InSchema):
    """How much of the payment goes to which statement."""

    statement: Id
    amount: AmountText


class AllocateIn(InSchema):
    """The parts are applied all or not at all."""

    parts: list[PartIn] = Field(min_length=1, max_length=200)
    effective_on: Day | None = Field(None, description="Null: today.")


class UnapplyIn(InSchema):
    """Which row to take back, by a reversal of that day."""

    allocation: Id
    reason: str = Field("", max_length=500)
    effective_on: Day | None = Field(None, description="Null: today.")


class VoidPaymentIn(InSchema):
    cause: Cause
    reason: str = Field(max_length=500)
    void_date: Day | None = Field(None, description="Null: today.")


class RefundIn(InSchema):
    """Credit that went back to the client."""

    amount: AmountText
    reason: str = Field(max_length=500)
    refunded_on: Day | None = Field(None, description="Null: today.")
    method: Method = "transfer"
    reference: str = Field("", max_length=120)


class VoidRefundIn(InSchema):
    reason: str = Field(max_length=500)
    void_date: Day | None = Field(None, description="Null: today.")


class RefundOut(Schema):
    id: int
    payment: int
    refunded_on: dt.date
    amount: str
    currency: str
    method: Method
    reference: str
    reason: str
    void_date: dt.date | None
    void_reason: str


class ProofOut(Schema):
    """A file that shows the payment."""

    id: int
    name: str
    content_type: str
    sha256: str
    size: int


class OfficePaymentOut(Schema):
    id: int
    client: ClientRef
    state: PaymentState
    paid_on: dt.date
    amount: str
    applied: str
    refunded: str
    credit: str = Field(description="What is neither applied nor refunded today, of a payment that counts.")
    available: str = Field(description="What of it is neither applied, be it ahead, nor refunded.")
    currency: str
    method: Method
    manual_number: str
    reference: str
    notes: str
    warning: str | None = Field(description="Why the amount looks like a slip; until it is verified.")
    recorded_by: str
    posted_by: str | None
    verified_by: str | None
    void_date: dt.date | None
    void_cause: Cause | None
    void_reason: str
    allocations: list[AllocationOut]
    refunds: list[RefundOut]
    proofs: list[ProofOut]


def show_payment(payment: Payment) -> dict:
    """Give a payment with its credit, people and prefetched rows."""
    names = ("state", "paid_on", "currency", "method", "manual_number", "reference", "notes", "void_date",
             "void_reason")  # fmt: skip
    people = {name: getattr(payment, name) for name in ("recorded_by", "posted_by", "verified_by")}
    return {
        "id": payment.pk,
        "client": show_ref(payment.client),
        **{name: getattr(payment, name) for name in names},
        **{name: user.get_username() if user else None for name, user in people.items()},
        **_show_sums(payment),
        "warning": warning_of(payment) or None,
        "void_cause": payment.void_cause or None,
        "allocations": [show_allocation(row) for row in payment.allocations.all()],
        "refunds": [_show_refund(refund, payment.currency) for refund in payment.refunds.all()],
        "proofs": [
            {name: getattr(proof, name) for name in ProofOut.model_fields} for proof in payment.proofs.all()
        ],
    }


def _show_sums(payment: Payment) -> dict:
    sums = {name: getattr(payment, name) for name in ("amount", "applied", "refunded")}
    sums |= {name: getattr(payment, name) if payment.is_live else ZERO for name in ("credit", "available")}
    return {name: to_text(amount, payment.currency) for name, amount in sums.items()}


def _show_refund(refund: Refund, currency: str) -> dict:
    fields = {name: getattr(refund, name, None) for name in RefundOut.model_fields}
    amount = to_text(refund.amount, currency)
    return fields | {"payment": refund.payment_id, "amount": amount, "currency": currency}
