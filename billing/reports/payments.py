"""Payments as the office looks at them: the list, its totals, and what one payment was applied to."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Max, Q, QuerySet, When
from django.utils.translation import gettext as _

from billing.models import Allocation, Client, Payment, Refund, Statement
from billing.models.payments import manual_key
from billing.reports.office import office_today
from billing.rules.payment_states import oldest_first
from billtracker.core.models import AuditEntry
from billtracker.core.money import ZERO, MoneySum, to_display, to_number
from billtracker.core.periods import Month
from billtracker.core.text import comparison_key
from billtracker.core.web.exports import Row

WITH_CREDIT = "credit"
UNUSUAL = 10  # times the largest amount of the client so far
WARNED = (Payment.State.DRAFT, Payment.State.POSTED)
MOST_OPEN = 100  # open statements that one form shows
COLUMNS = (
    "paid on", "client", "manual number", "state", "method", "reference", "currency", "amount", "applied",
    "refunded", "credit", "recorded by", "posted by", "verified by", "void date", "void cause", "void reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentFilters:
    """What the address of the list asks to see; ``state`` is a payment's, or "credit" for what is left."""

    query: str = ""
    state: str = ""
    method: str = ""
    client: int | None = None
    month: Month | None = None


@dataclass(slots=True)
class Total:
    """What posted payments of one currency come to."""

    currency: str
    amount: Decimal = ZERO
    applied: Decimal = ZERO
    refunded: Decimal = ZERO

    @property
    def credit(self) -> Decimal:
        return self.amount - self.applied - self.refunded


# --- the list ----------------------------------------------------------------------------------
def payments_shown(filters: PaymentFilters) -> QuerySet[Payment]:
    """Return the payments that fit, the newest first, with ``applied``, ``refunded`` and ``credit``."""
    found = Payment.objects.select_related("client").order_by("-paid_on", "-pk").with_credit(office_today())
    if filters.state == WITH_CREDIT:
        found = found.filter(state__in=Payment.LIVE, credit__gt=ZERO)
    elif filters.state:
        found = found.filter(state=filters.state)
    if filters.method:
        found = found.filter(method=filters.method)
    if filters.client:
        found = found.filter(client_id=filters.client)
    if filters.month:
        found = found.filter(paid_on__gte=filters.month.first_day, paid_on__lt=filters.month.next.first_day)
    if filters.query:
        number = Q(manual_key__contains=manual_key(filters.query)) if manual_key(filters.query) else Q()
        by_client = Q(client__name_key__contains=comparison_key(filters.query))
        found = found.filter(number | by_client | Q(reference__icontains=filters.query))
    return found


def totals_of(payments: QuerySet[Payment]) -> list[Total]:
    """Return today's sums per currency of those that count, without drafts and void ones. Four queries."""
    live = payments.filter(state__in=Payment.LIVE).order_by()
    keys = live.values("pk")
    sums: dict[str, Total] = {}
    for currency, amount in (
        live.values_list("currency").annotate(sum=MoneySum("amount")).order_by("currency")
    ):
        sums[currency] = Total(currency, amount)
    day = office_today()
    applied = Allocation.objects.by(day).filter(payment__in=keys).order_by().values_list("payment__currency")
    for currency, amount in applied.annotate(sum=MoneySum("amount")):
        sums[currency].applied = amount
    refunds = Refund.objects.refunded_by(day).filter(payment__in=keys).order_by()
    for currency, amount in refunds.values_list("payment__currency").annotate(sum=MoneySum("amount")):
        sums[currency].refunded = amount
    return list(sums.values())


def waiting_counts() -> dict[str, int]:
    """Return how many drafts there are and how many payments wait to be verified. Two queries."""
    return {
        state: Payment.objects.filter(state=state).count()
        for state in (Payment.State.DRAFT, Payment.State.POSTED)
    }


def payment_row(payment: Payment) -> Row:
    """Return the cells by the names of ``COLUMNS``; only what is posted has something applied and left."""
    code = payment.currency
    sums = ("applied", "refunded", "credit") if payment.is_live else ()
    people = {name: getattr(payment, f"{name}_by") for name in ("recorded", "posted", "verified")}
    return {
        "paid on": payment.paid_on, "client": payment.client.name, "manual number": payment.manual_number,
        "state": payment.state, "method": payment.method, "reference": payment.reference, "currency": code,
        "amount": to_number(payment.amount, code),
        **{name: to_number(getattr(payment, name), code) for name in sums},
        **{f"{name} by": person.get_username() if person else "" for name, person in people.items()},
        "void date": payment.void_date, "void cause": payment.void_cause, "void reason": payment.void_reason,
    }  # fmt: skip


def warning_of(payment: Payment) -> str:
    """Return a sentence about an amount that looks like a slip, of a payment ``with_largest``; else nothing.

    A client without payments and statements of that currency has nothing to compare with.
    """
    if payment.state not in WARNED or not payment.largest or payment.amount < UNUSUAL * payment.largest:
        return ""
    known = {"amount": payment.amount, "largest": payment.largest}
    words = {name: to_display(amount, payment.currency) for name, amount in known.items()}
    sentence = _("%(amount)s is ten times this client's largest amount so far (%(largest)s) or more.")
    return f"{sentence % words} {_('Check the amount.')}"


def warning_before(payment: Payment) -> str:
    """Return the same sentence about a payment as it would be saved. Two queries."""
    same = {"client": payment.client_id, "currency": payment.currency}
    paid = Payment.objects.live().filter(**same).exclude(pk=payment.pk).aggregate(most=Max("amount"))
    billed = Statement.objects.numbered().filter(**same).aggregate(most=Max("total"))
    payment.largest = max(paid["most"] or ZERO, billed["most"] or ZERO)
    return warning_of(payment)


# --- one payment -------------------------------------------------------------------------------
def applied_rows(payment: Payment) -> list[Allocation]:
    """Return what was applied, in order of days, each with its reversal as ``reversed_by``. One query."""
    rows = payment.allocations.filter(reverses=None).order_by("effective_on", "pk")
    return list(rows.select_related("statement__client", "created_by", "reversed_by__created_by"))


def open_for(payment: Payment) -> list:
    """Return the open statements to which the payment may be applied: the payer's own, then the others'.

    Those of one client stand together, those due first at the top. Each has ``outstanding``, once all rows
    count: one dated ahead can be paid ahead. Left out is what it is applied to already: that is un-applied
    first.
    """
    there = payment.allocations.live().values("statement")
    issued = Statement.objects.filter(
        state=Statement.State.ISSUED,
        client__in=Client.objects.paid_for_by(payment.client),
        currency=payment.currency,
    )
    is_other = Case(When(client=payment.client_id, then=0), default=1)
    in_order = (is_other, "client__name_key", "due_date", "pk")
    owed = issued.with_balance().filter(outstanding__gt=ZERO).exclude(pk__in=there)
    return list(owed.select_related("client").defer("snapshot").order_by(*in_order)[:MOST_OPEN])


def suggest_allocation(credit: Decimal, owed: list) -> dict[int, Decimal]:
    """Return how the credit would be used up, in the order of the statements; applies nothing."""
    parts = oldest_first(credit, [one.outstanding for one in owed])
    return {one.pk: part for one, part in zip(owed, parts, strict=True) if part > ZERO}


def history_of(payment: Payment) -> Iterator[tuple[str, AuditEntry]]:
    """Yield the latest entries of the audit log about a payment and its refunds, the oldest first."""
    own = Q(target_type="billing.payment", target_id=str(payment.pk))
    refunds = [str(refund.pk) for refund in payment.refunds.all()]
    about = own | Q(target_type="billing.refund", target_id__in=refunds)
    for entry in list(AuditEntry.objects.filter(about).order_by("-position")[:100])[::-1]:
        noun, _dot, verb = entry.action.rpartition(".")
        words = verb.replace("_", " ").capitalize()
        yield (f"Refund {verb}" if noun == "refund" else words), entry


def last_payments(client: Client, most: int) -> list[Payment]:
    """Return the client's newest payments with their credit. One query."""
    return list(client.payments.order_by("-paid_on", "-pk").with_credit(office_today())[:most])
