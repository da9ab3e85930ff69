"""What is owed and what is left: every figure is a sum over dated rows, of now or of any day."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from billing.models import Allocation, Payment, Statement
from billing.rules.dated_amounts import DatedAmount
from billtracker.core.money import ZERO


def outstanding(statement: Statement, day: dt.date | None = None) -> Decimal:
    """Return what the statement still owes; nothing unless it is issued."""
    row = Statement.objects.issued().filter(pk=statement.pk).with_balance(day).first()
    return row.outstanding if row else ZERO


def credit(payment: Payment, day: dt.date | None = None) -> Decimal:
    """Return what of the payment is neither applied nor refunded; nothing unless it is posted."""
    row = Payment.objects.live().filter(pk=payment.pk).with_credit(day).first()
    return row.credit if row else ZERO


def dated_amounts(row: Payment | Statement, *, without: Collection[Allocation] = ()) -> list[DatedAmount]:
    """Return all that a posted payment or an issued statement consists of, each part with its day.

    Their sum up to a day is what was left of the payment, or what the statement owed, at the end of that
    day; no sum is below zero. ``without`` leaves out rows that are about to be reversed. Two queries.
    """
    gone = {allocation.pk for allocation in without}
    applied = row.allocations.order_by().values_list("pk", "effective_on", "amount")
    parts = [(day, -amount) for pk, day, amount in applied if pk not in gone]
    if isinstance(row, Statement):
        whole, day = row.total, row.issue_date
    else:
        whole, day = row.amount, row.paid_on
        for refunded_on, void_date, amount in row.refunds.values_list("refunded_on", "void_date", "amount"):
            parts += [(refunded_on, -amount), *([(void_date, amount)] if void_date else [])]
    parts += [(row.void_date, -whole)] if row.void_date else []
    return [(day, whole), *parts] if day else parts


def version_of(row: Payment | Statement) -> str:
    """Return a text that changes with every entry of a payment or statement: how many there are."""
    counts = [row.allocations.count()]
    if isinstance(row, Payment):
        counts += [row.refunds.count(), row.refunds.not_void().count()]
    return ".".join(map(str, counts))
