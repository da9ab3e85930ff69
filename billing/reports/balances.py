"""What is owed and what is left: every figure is a sum over dated rows, of now or of any day."""

import datetime as dt
from decimal import Decimal

from billing.models import Payment, Statement
from billtracker.core.money import ZERO


def outstanding(statement: Statement, day: dt.date | None = None) -> Decimal:
    """Return what the statement still owes; nothing unless it is issued."""
    row = Statement.objects.issued().filter(pk=statement.pk).with_balance(day).first()
    return row.outstanding if row else ZERO


def credit(payment: Payment, day: dt.date | None = None) -> Decimal:
    """Return what of the payment is neither applied nor refunded; nothing unless it is posted."""
    row = Payment.objects.live().filter(pk=payment.pk).with_credit(day).first()
    return row.credit if row else ZERO


def version_of(row: Payment | Statement) -> str:
    """Return a text that changes with every entry of a payment or statement: how many there are."""
    counts = [row.allocations.count()]
    if isinstance(row, Payment):
        counts += [row.refunds.count(), row.refunds.not_void().count()]
    return ".".join(map(str, counts))
