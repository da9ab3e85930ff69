"""What is owed and what is left: every figure is a sum over dated rows, of now or of any day."""

import datetime as dt
from decimal import Decimal

from django.db.models import ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Allocation, Payment, Refund, Statement
from billtracker.core.money import ZERO, MoneyField


def with_balance(statements: QuerySet[Statement], day: dt.date | None = None) -> QuerySet:
    """Add ``settled`` and ``outstanding`` to statements, of now or of the end of a day. Exact.

    Drafts and void statements owe nothing; leave them out (``owed_on``) or do not read the figures.
    """
    rows = Allocation.objects.filter(statement=OuterRef("pk"))
    rows = rows if day is None else rows.by(day)
    return statements.annotate(settled=sum_of(rows, "statement")).annotate(
        outstanding=ExpressionWrapper(F("total") - F("settled"), output_field=MoneyField())
    )


def with_cash(statements: QuerySet[Statement]) -> QuerySet:
    """Add ``cash``, what payments settled of each statement."""
    paid = Allocation.objects.filter(statement=OuterRef("pk"), payment__isnull=False)
    return statements.annotate(cash=sum_of(paid, "statement"))


def with_credit(payments: QuerySet[Payment], day: dt.date | None = None) -> QuerySet:
    """Add ``applied``, ``refunded`` and what is left as ``credit`` to payments, of now or a day's end."""
    applied = Allocation.objects.filter(payment=OuterRef("pk"))
    refunded = Refund.objects.filter(payment=OuterRef("pk"))
    if day is None:
        refunded = refunded.filter(void_date=None)
    else:
        applied = applied.by(day)
        refunded = refunded.filter(Q(void_date=None) | Q(void_date__gt=day), refunded_on__lte=day)
    sums = payments.annotate(applied=sum_of(applied, "payment"), refunded=sum_of(refunded, "payment"))
    left = F("amount") - F("applied") - F("refunded")
    return sums.annotate(credit=ExpressionWrapper(left, output_field=MoneyField()))


def sum_of(rows: QuerySet, key: str) -> Coalesce:
    """Return the sum of ``amount`` over a subquery's rows, zero without any."""
    total = rows.order_by().values(key).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(total), ZERO, output_field=MoneyField())


def outstanding(statement: Statement, day: dt.date | None = None) -> Decimal:
    """Return what the statement still owes; nothing unless it is issued."""
    found = with_balance(Statement.objects.filter(pk=statement.pk, state=Statement.State.ISSUED), day)
    row = found.first()
    return row.outstanding if row else ZERO


def credit(payment: Payment, day: dt.date | None = None) -> Decimal:
    """Return what of the payment is neither applied nor refunded; nothing unless it is posted."""
    found = with_credit(Payment.objects.live().filter(pk=payment.pk), day)
    row = found.first()
    return row.credit if row else ZERO


def version_of(row: Payment | Statement) -> str:
    """Return a text that changes with every entry of a payment or statement: how many there are."""
    counts = [row.allocations.count()]
    if isinstance(row, Payment):
        counts += [row.refunds.count(), row.refunds.filter(void_date=None).count()]
    return ".".join(map(str, counts))
