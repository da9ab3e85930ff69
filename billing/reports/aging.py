"""Aging: what each client owes by how late it is, as of any day, and what of its money is not applied."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from billing.models import Payment, Statement
from billtracker.core.money import ZERO

BUCKETS = ("current", "1-30", "31-60", "61-90", "90+")
LAST_DAYS = (0, 30, 60, 90)


@dataclass(slots=True)
class AgingRow:
    """One client's amounts in one currency; ``buckets`` in the order of BUCKETS."""

    client_id: int
    client: str
    currency: str
    buckets: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BUCKETS))
    credit: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        return sum(self.buckets, ZERO)

    @property
    def outstanding(self) -> Decimal:
        """What the client owes in the end: the buckets less its unapplied credit."""
        return self.owed - self.credit


def days_late(due_date: dt.date | None, day: dt.date) -> int:
    """Return how many days after its due date a statement is; 0 or less is not late, no due date never is."""
    return (day - due_date).days if due_date else 0


def bucket_of(due_date: dt.date | None, day: dt.date) -> int:
    """Return the place in BUCKETS: due today is current, one day late is "1-30"."""
    late = days_late(due_date, day)
    return next((place for place, last in enumerate(LAST_DAYS) if late <= last), len(LAST_DAYS))


def aging(day: dt.date, *, client_id: int | None = None) -> list[AgingRow]:
    """Return a row for each client and currency that owes or has credit at the end of the day. Two queries.

    Rebuilt from dated rows: asked later, a past day gives what it gave on that day.
    """
    rows: dict[tuple[int, str], AgingRow] = {}

    def row_of(key: int, name: str, currency: str) -> AgingRow:
        return rows.setdefault((key, currency), AgingRow(key, name, currency))

    owed = Statement.objects.open_on(day)
    paid = Payment.objects.unapplied_on(day)
    if client_id is not None:
        owed, paid = owed.filter(client=client_id), paid.filter(client=client_id)
    who = ("client_id", "client__name", "currency")
    for *facts, due_date, amount in owed.order_by().values_list(*who, "due_date", "outstanding"):
        row_of(*facts).buckets[bucket_of(due_date, day)] += amount
    for *facts, amount in paid.order_by().values_list(*who, "credit"):
        row_of(*facts).credit += amount
    return sorted(rows.values(), key=lambda row: (row.client.casefold(), row.client_id, row.currency))


def totals(rows: list[AgingRow]) -> list[AgingRow]:
    """Return one row for each currency with the sums; currencies are never added."""
    sums: dict[str, AgingRow] = {}
    for row in rows:
        total = sums.setdefault(row.currency, AgingRow(0, "", row.currency))
        total.buckets = [a + b for a, b in zip(total.buckets, row.buckets, strict=True)]
        total.credit += row.credit
    return [sums[currency] for currency in sorted(sums)]
