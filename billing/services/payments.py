"""A payment's life: recorded, posted with its manual number, verified by somebody else, void."""

import datetime as dt
from functools import partial

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import Payment, Refund
from billing.models.payments import manual_key
from billing.reports.office import office_today
from billing.rules import policy
from billing.services.allocations import reverse
from billing.services.ledger import (
    Limit,
    check_day,
    long_enough,
    positive_amount,
    require_seen,
    take_from,
    void_day,
)
from billing.services.periods import require_open
from billing.services.reference_data import facts
from billing.services.second_person import require_second_person
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import FIRST_DAY

State = Payment.State


# --- recorded ----------------------------------------------------------------------------------
@transaction.atomic
def save_payment(*, actor, payment: Payment) -> Payment:
    """Record a payment as a draft, or save a changed draft. Nothing counts until it is posted."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    before: dict = {}
    if payment.pk:
        stored = lock_payment(payment)
        require_state(stored, {State.DRAFT}, "only a draft is edited")
        before = facts(stored)
    else:
        payment.state, payment.recorded_by, payment.recorded_at = State.DRAFT, actor, timezone.now()
    check(payment)
    require_open(actor=actor, day=payment.paid_on, doing="the payment")
    _require_free_number(payment)
    payment.save()
    action = "payment.edited" if before else "payment.recorded"
    if changes := audit.changed_fields(before, facts(payment)):
        audit.record(actor, action, payment, changes)
    return payment


def check(payment: Payment) -> None:
    """Refuse an amount that is none and a day that cannot be."""
    positive_amount(payment.amount, payment.currency)
    if not FIRST_DAY <= payment.paid_on <= office_today():
        raise DomainError("Money comes in today or earlier, not in the future.", field="paid_on")


def _require_free_number(payment: Payment) -> None:
    """Refuse a manual number that another payment carries; a void one gives its number free."""
    key = manual_key(payment.manual_number)
    others = Payment.objects.filter(manual_key=key).exclude(state=State.VOID).exclude(pk=payment.pk)
    if key and (other := others.select_related("client").first()):
        raise DomainError(
            f"The manual number {payment.manual_number} is on a payment of {other.client} already.",
            field="manual_number",
            code="manual_number_taken",
        )


@transaction.atomic
def delete_payment(*, actor, payment: Payment) -> None:
    """Delete a draft that was never posted."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    draft = lock_payment(payment)
    require_state(draft, {State.DRAFT}, "only a draft is deleted")
    audit.record(actor, "payment.deleted", draft, {"amount": [draft.amount, None]})
    paths = list(draft.proofs.values_list("path", flat=True))
    draft.delete()
    for path in paths:
        transaction.on_commit(partial(default_storage.delete, path))


def lock_payment(payment: Payment) -> Payment:
    """Return the payment's row as it is now, held until the transaction ends."""
    rows = Payment.objects.select_for_update(of=("self",)).select_related("client")
    found = rows.filter(pk=payment.pk).first()
    if found is None:
        raise DomainError("This payment was deleted meanwhile.")
    return found


def require_state(payment: Payment, states: set[str], doing: str) -> None:
    if payment.state not in states:
        words = f"{payment} is {payment.get_state_display().lower()}; {doing}. Nothing was changed."
        raise DomainError(words, code="wrong_state")


# --- posted, verified --------------------------------------------------------------------------
@transaction.atomic
def post_payment(*, actor, payment: Payment) -> Payment:
    """Let the payment count from its day on. It needs its manual number, and is frozen from here on."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    draft = lock_payment(payment)
    require_state(draft, {State.DRAFT}, "only a draft is posted")
    if not manual_key(draft.manual_number):
        raise DomainError(
            "Give the manual invoice number from the booklet: a payment is posted with it.",
            field="manual_number",
        )
    check(draft)
    require_open(actor=actor, day=draft.paid_on, doing="the payment")
    _require_free_number(draft)
    draft.state, draft.posted_by, draft.posted_at = State.POSTED, actor, timezone.now()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        raise DomainError(
            "Another payment took that manual number just now.", field="manual_number"
        ) from None
    audit.record(actor, "payment.posted", draft, {"state": [State.DRAFT, State.POSTED]})
    return draft


@transaction.atomic
def record_and_post_payment(*, actor, payment: Payment) -> Payment:
    """Record a payment, or save a changed draft, and post it at once: both or nothing."""
    return post_payment(actor=actor, payment=save_payment(actor=actor, payment=payment))


@transaction.atomic
def verify_payment(*, actor, payment: Payment) -> Payment:
    """Prove a posted payment; whoever recorded, edited or posted it cannot. It is locked from here on."""
    policy.require(actor, policy.Permission.VERIFY_PAYMENTS)
    posted = lock_payment(payment)
    require_state(posted, {State.POSTED}, "only a posted payment is verified")
    words = {"who": "recorded, edited or posted", "deed": "verifies it"}
    changes: dict = {"state": [State.POSTED, State.VERIFIED]}
    changes |= require_second_person(actor=actor, row=posted, **words)
    posted.state, posted.verified_by, posted.verified_at = State.VERIFIED, actor, timezone.now()
    posted.save(update_fields=["state", "verified_by", "verified_at"])
    audit.record(actor, "payment.verified", posted, changes)
    return posted


# --- void --------------------------------------------------------------------------------------
@transaction.atomic
def void_payment(
    *, actor, payment: Payment, cause: str, reason: str, void_date: dt.date | None = None
) -> Payment:
    """Take a payment back for good: what was applied of it is reversed on the void date.

    Up to the day before, every report still counts it. Its manual number is free again.
    """
    policy.require(actor, policy.Permission.VERIFY_PAYMENTS)
    posted = lock_payment(payment)
    require_state(posted, set(Payment.LIVE), "only a posted payment is voided")
    reason = long_enough(reason)
    if cause not in Payment.Cause.values:
        raise DomainError("Say why: an error, bounced, or refunded.", field="cause")
    if posted.refunds.filter(void_date=None).exists():
        raise DomainError("A part of it was refunded; void the refund first. Nothing was changed.")
    live = list(posted.allocations.live().select_related("statement").order_by("statement", "pk"))
    day = void_day(posted, live, void_date, "A payment is voided after the last event on it")
    require_open(actor=actor, day=day, doing="the void")
    for row in live:
        # What is applied ahead of today is taken back on the day on which it would begin to count.
        reverse(actor, row, max(day, row.effective_on), f"Payment void: {reason}")
    posted.state, posted.voided_by, posted.voided_at = State.VOID, actor, timezone.now()
    posted.void_date, posted.void_cause, posted.void_reason = day, cause, reason
    posted.save()
    unapplied = [f"{row.amount:f} from {row.statement}" for row in live]
    changes = {"state": [None, State.VOID], "cause": [None, cause], "unapplied": [None, unapplied]}
    audit.record(actor, "payment.voided", posted, changes, reason)
    return posted


# --- refunds -----------------------------------------------------------------------------------
@transaction.atomic
def refund_credit(
    *,
    actor,
    payment: Payment,
    amount,
    reason: str,
    refunded_on: dt.date | None = None,
    method: str = Payment.Method.TRANSFER,
    reference: str = "",
    seen: str | None = None,
) -> Refund:
    """Record that credit of a payment went back to the client: at most what is left on each day from then on.

    ``seen`` is what ``reports.balances.version_of`` gave when the person looked: another one is refused.
    """
    policy.require(actor, policy.Permission.VERIFY_PAYMENTS)
    posted = lock_payment(payment)
    require_seen(posted, seen)
    require_state(posted, set(Payment.LIVE), "only credit of a posted payment is refunded")
    reason, rule = long_enough(reason), "Money goes back after it came"
    limits = [Limit("left of", posted)]
    amount, day = take_from(limits, amount, refunded_on, posted.paid_on, rule, field="refunded_on")
    require_open(actor=actor, day=day, doing="the refund")
    refund = Refund.objects.create(
        payment=posted,
        amount=amount,
        refunded_on=day,
        method=method,
        reference=reference.strip(),
        reason=reason,
        recorded_by=actor,
        recorded_at=timezone.now(),
    )
    audit.record(actor, "payment.refunded", refund, {"amount": [None, amount]}, reason)
    return refund


@transaction.atomic
def void_refund(*, actor, refund: Refund, reason: str, void_date: dt.date | None = None) -> Refund:
    """Take a refund back that did not happen; its amount is credit again from that day on."""
    policy.require(actor, policy.Permission.VERIFY_PAYMENTS)
    lock_payment(refund.payment)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.void_date:
        raise DomainError("This refund is void already. Nothing was changed.", code="wrong_state")
    reason = long_enough(reason)
    day = void_date or max(refund.refunded_on, office_today())
    check_day(day, refund.refunded_on, "A refund is voided after it was made", field="void_date")
    require_open(actor=actor, day=day, doing="the void")
    refund.voided_by, refund.voided_at = actor, timezone.now()
    refund.void_date, refund.void_reason = day, reason
    refund.save()
    audit.record(actor, "refund.voided", refund, {"amount": [refund.amount, None]}, reason)
    return refund
