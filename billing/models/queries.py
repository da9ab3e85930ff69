"""Parts of queries that several models share: what still counts on a day, and sums over dated rows."""

import datetime as dt

from django.db.models import Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billtracker.core.money import ZERO, MoneyField


def not_void_on(day: dt.date) -> Q:
    """Return the condition that a row was not void at the end of that day."""
    return Q(void_date=None) | Q(void_date__gt=day)


def sum_of(rows: QuerySet, key: str) -> Coalesce:
    """Return the sum of ``amount`` over a subquery's rows, zero without any."""
    total = rows.order_by().values(key).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(total), ZERO, output_field=MoneyField())
