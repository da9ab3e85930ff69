"""Recording payments, undoing them, and bringing them back."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from bills.models import Occurrence, Payment, PaymentSplit
from bills.rules.currencies import why_not_payable
from bills.services.deletion import set_deleted
from bills.services.occurrences import lock
from bills.services.reminders import withdraw_after_payment, withdraw_for
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.money import ZERO, MoneyError, exact
from billtracker.core.periods import FIRST_DAY, FIRST_YEAR

Splits = Sequence[tuple[Occurrence, Decimal]]


@transaction.atomic
def record_payment(
    *,
    actor,
    household: Household,
    splits: Splits,
    paid_on: dt.date,
    currency: str,
    method: str = "",
    note: str = "",
    source: str = Payment.Source.MANUAL,
    idempotency_key: str | None = None,
) -> Payment:
    """Record one payment that settles each occurrence of ``splits`` by the amount beside it.

    The payment's amount is the sum of its parts, each above zero and exact in ``currency``, which
    must be the occurrences' own. The same ``idempotency_key`` again gives the first payment back
    and writes nothing. Raises DomainError and leaves everything as it was otherwise.
    """
    if known := _already_recorded(household, idempotency_key):
        return known
    parts = _checked_parts(household, splits, currency)
    _check_date(paid_on, household.today)
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                household=household,
                amount=sum((amount for _, amount in parts), ZERO),
                currency=currency,
                paid_on=paid_on,
                method=method,
                note=note,
                source=source,
                recorded_by=actor,
                idempotency_key=idempotency_key,
            )
    except IntegrityError:
        # Another request with the same key was first; its payment is the one.
        if known := _already_recorded(household, idempotency_key):
            return known
        raise
    PaymentSplit.objects.bulk_create(
        PaymentSplit(payment=payment, occurrence=row, amount=amount) for row, amount in parts
    )
    audit.record(actor, "payment.recorded", payment, _to_audit_dict(payment, parts))
    withdraw_after_payment(row.pk for row, _ in parts)
    return payment


def _already_recorded(household: Household, key: str | None) -> Payment | None:
    """Return the payment that this form made before; refuse if it was undone since."""
    payment = household.payments.filter(idempotency_key=key).first() if key else None
    if payment and payment.deleted_at:
        raise DomainError(
            "This form recorded a payment that was undone; open the page again to record another."
        )
    return payment


def _checked_parts(household: Household, splits: Splits, currency: str) -> list[tuple[Occurrence, Decimal]]:
    """Lock the occurrences, in one order for all, and return them with their exact amounts."""
    ordered = sorted(splits, key=lambda part: (part[0].bill_id, part[0].scheduled_date))
    if not ordered:
        raise InvalidInput("A payment settles at least one due date.")
    if len({(o.bill_id, o.scheduled_date) for o, _ in ordered}) < len(ordered):
        raise InvalidInput("The same due date stands in the payment twice.")
    return [
        (_checked_row(household, occurrence, currency), _checked_amount(amount, currency))
        for occurrence, amount in ordered
    ]


def _checked_row(household: Household, occurrence: Occurrence, currency: str) -> Occurrence:
    if occurrence.bill.household_id != household.pk:
        raise DomainError("There is no such bill in this household.")
    row = lock(occurrence)
    if why_not := why_not_payable(row.bill, row.currency, currency):
        raise DomainError(why_not)
    if row.is_skipped:
        raise DomainError(f"{row} is skipped; take the skip back before you pay it.")
    return row


def _checked_amount(amount: Decimal, currency: str) -> Decimal:
    try:
        amount = exact(amount, currency)
    except MoneyError as error:
        raise InvalidInput(str(error), field="amount") from None
    if amount <= ZERO:
        raise InvalidInput("A payment is more than zero.", field="amount")
    return amount


def _check_date(paid_on: dt.date, today: dt.date) -> None:
    """Refuse a slip of the pen such as the year 2062."""
    if not FIRST_DAY <= paid_on <= today + relativedelta(years=1):
        raise InvalidInput(
            f"The payment's date is more than a year ahead, or before {FIRST_YEAR}.", field="paid_on"
        )


def split_name(bill_id: int, scheduled_date: dt.date) -> str:
    """Return how the audit log names what a part of a payment settles, wherever it came from."""
    return f"{bill_id}/{scheduled_date}"


def _to_audit_dict(payment: Payment, parts: Splits) -> dict:
    return {
        "amount": [None, payment.amount],
        "currency": [None, payment.currency],
        "paid_on": [None, payment.paid_on],
        "splits": [None, {split_name(row.bill_id, row.scheduled_date): amount for row, amount in parts}],
    }


def _left_on(row: Occurrence) -> Decimal:
    """Return what is still to be paid on a locked occurrence, never below zero."""
    paid = Occurrence.objects.filter(pk=row.pk).with_paid().values_list("paid", flat=True).get()
    return max(row.owed - paid, ZERO)


@transaction.atomic
def pay_in_full(
    *,
    actor,
    household: Household,
    occurrences: Iterable[Occurrence],
    paid_on: dt.date,
    method: str = "",
    source: str = Payment.Source.MANUAL,
    idempotency_key: str | None = None,
) -> list[Payment]:
    """Pay what is left on each occurrence, one payment each; settled and skipped ones are passed over.

    What is left is read under the rows' locks, so two people who pay the same bill at once pay it once.
    """
    payments = []
    for occurrence in sorted(occurrences, key=lambda o: (o.bill_id, o.scheduled_date)):
        row = _checked_row(household, occurrence, occurrence.currency) if not occurrence.is_skipped else None
        left = _left_on(row) if row else ZERO
        if row is None or left == ZERO:
            continue
        key = idempotency_key and f"{idempotency_key}:{row.pk}"
        payments.append(
            record_payment(
                actor=actor,
                household=household,
                splits=[(row, left)],
                paid_on=paid_on,
                currency=row.currency,
                method=method,
                source=source,
                idempotency_key=key,
            )
        )
    return payments


@transaction.atomic
def confirm_autopay(*, actor, household: Household, occurrence: Occurrence) -> list[Payment]:
    """Turn "assumed paid" into a payment of what is owed on the due date; nothing if one exists."""
    return pay_in_full(
        actor=actor,
        household=household,
        occurrences=[occurrence],
        paid_on=occurrence.due_date,
        source=Payment.Source.AUTOPAY,
    )


@transaction.atomic
def delete_payments(*, actor, payments: Iterable[Payment]) -> int:
    """Undo payments: their occurrences are as they were before. Returns how many were still live."""
    payments = list(payments)
    undone = sum(
        set_deleted(actor, payment, "payment.deleted", deleted_at=timezone.now()) for payment in payments
    )
    withdraw_for(_settled_by(payments), "A payment was undone")
    return undone


@transaction.atomic
def restore_payments(*, actor, payments: Iterable[Payment]) -> int:
    """Bring undone payments back exactly; refused when what they settled is skipped by now."""
    payments = list(payments)
    for payment in payments:
        if payment.splits.exclude(occurrence__skipped_at=None).exists():
            raise DomainError("The due date was skipped meanwhile; take the skip back first.")
        if other := payment.splits.exclude(occurrence__currency=payment.currency).first():
            bill, owed_in = other.occurrence.bill, other.occurrence.currency
            raise DomainError(why_not_payable(bill, owed_in, payment.currency))
    restored = sum(set_deleted(actor, payment, "payment.restored", deleted_at=None) for payment in payments)
    withdraw_after_payment(_settled_by(payments).values_list("pk", flat=True))
    return restored


def _settled_by(payments: Sequence[Payment]) -> QuerySet[Occurrence]:
    """Return the occurrences that these payments settle, wholly or in part."""
    return Occurrence.objects.filter(splits__payment__in=payments).distinct()
