"""Money applied to statements by a person, and taken off again: rows that are added, never changed."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.models import Allocation, Payment, Statement
from billing.reports.office import office_today
from billing.rules import policy
from billing.services.drafts import lock_statement as locked_statement
from billing.services.ledger import Limit, check_day, take_from
from billing.services.periods import require_open
from billtracker.core import audit
from billtracker.core.exceptions import DomainError


@transaction.atomic
def allocate_payment(
    *, actor, payment: Payment, statement: Statement, amount: Decimal, effective_on: dt.date | None = None
) -> Allocation:
    """Apply a part of a posted payment to an issued statement of the same client or payer group.

    At most what is left of the payment and what the statement still owes on each day from the row's
    day on, both read under row locks: of two requests for the last cent one is refused. The day is
    today unless another is given, and never before the payment's or the statement's.
    """
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    paid, owed = _locked_payment(payment), locked_statement(statement)
    _require_fit(paid, owed)
    first = max(paid.paid_on, owed.issue_date or paid.paid_on)
    limits = Limit("left of", paid), Limit("owed on", owed)
    rule = "Money is applied when payment and statement are there"
    amount, day = take_from(limits, amount, effective_on, first, rule, field="effective_on")
    require_open(actor=actor, day=day, doing="the allocation")
    row = Allocation.objects.create(
        statement=owed,
        payment=paid,
        amount=amount,
        effective_on=day,
        created_by=actor,
        created_at=timezone.now(),
    )
    changes = {"statement": [None, owed.number], "amount": [None, amount], "day": [None, day]}
    audit.record(actor, "payment.allocated", paid, changes)
    return row


@transaction.atomic
def allocate_payments(
    *,
    actor,
    payment: Payment,
    parts: Iterable[tuple[Statement, Decimal]],
    effective_on: dt.date | None = None,
) -> list[Allocation]:
    """Apply a payment to several statements, all of them or none."""
    in_order = sorted(parts, key=lambda part: part[0].pk)
    return [
        allocate_payment(
            actor=actor, payment=payment, statement=statement, amount=amount, effective_on=effective_on
        )
        for statement, amount in in_order
    ]


def _locked_payment(payment: Payment) -> Payment:
    """Return the payment's row as it is now, held for the transaction; refuse one that does not count."""
    rows = Payment.objects.select_for_update(of=("self",)).select_related("client")
    found = rows.filter(pk=payment.pk).first()
    if found is None or not found.is_live:
        state = found.get_state_display().lower() if found else "deleted"
        raise DomainError(f"{payment} is {state}; only a posted one counts.", code="wrong_state")
    return found


def _require_fit(paid: Payment, owed: Statement) -> None:
    """Refuse what does not belong together, with the reason."""
    if owed.state != Statement.State.ISSUED:
        raise DomainError(
            f"{owed} is {owed.get_state_display().lower()}; money is applied to an issued statement.",
            code="wrong_state",
        )
    if paid.currency != owed.currency:
        raise DomainError(f"{paid} is in {paid.currency}, {owed} in {owed.currency}.", code="other_currency")
    if not paid.client.may_pay_for(owed.client):
        raise DomainError(
            f"{owed} is another client's: {owed.client} is in no payer group with {paid.client}. "
            "Nothing was changed.",
            code="other_client",
        )
    if paid.allocations.live().filter(statement=owed).exists():
        raise DomainError(
            f"{paid} is applied to {owed} already; un-apply that first to change it.", code="applied_already"
        )


@transaction.atomic
def unapply_allocation(
    *, actor, allocation: Allocation, reason: str = "", effective_on: dt.date | None = None
) -> Allocation:
    """Take one applied amount off its statement by a dated reversal; returns the reversal.

    What was applied of a verified payment is taken off only by who may verify.
    """
    if allocation.payment is None:
        raise DomainError("This is no payment; void the settlement it belongs to.", code="not_a_payment")
    paid = _locked_payment(allocation.payment)
    is_verified = paid.state == Payment.State.VERIFIED
    policy.require(
        actor, policy.Permission.VERIFY_PAYMENTS if is_verified else policy.Permission.RECORD_PAYMENTS
    )
    locked_statement(allocation.statement)
    first = allocation.effective_on
    day = effective_on or max(first, office_today())
    check_day(day, first, "Money is taken off after it was applied", field="effective_on")
    require_open(actor=actor, day=day, doing="the un-applying")
    reversal = reverse(actor, allocation, day, reason.strip())
    changes = {
        "statement": [str(allocation.statement), None],
        "amount": [allocation.amount, None],
        "day": [None, day],
    }
    audit.record(actor, "payment.unapplied", paid, changes, reason.strip())
    return reversal


def reverse(actor, row: Allocation, day: dt.date, reason: str) -> Allocation:
    """Add the row that takes this one back, whole; call it with the source's row locked."""
    if row.reverses_id or Allocation.objects.filter(reverses=row).exists():
        raise DomainError("This was taken back already. Nothing was changed.", code="reversed_already")
    return Allocation.objects.create(
        statement_id=row.statement_id,
        payment_id=row.payment_id,
        settlement_id=row.settlement_id,
        credit_note_id=row.credit_note_id,
        amount=-row.amount,
        effective_on=day,
        reverses=row,
        reason=reason[:500],
        created_by=actor,
        created_at=timezone.now(),
    )
