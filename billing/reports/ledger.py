"""A client's ledger: every dated event that changed what it owes, in order, with the balance after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from billing.documents.kinds import KINDS, DocumentKind
from billing.models import Allocation, Client, Payment, Refund, Settlement, Statement
from billtracker.core.money import ZERO


@dataclass(frozen=True, slots=True)
class Movement:
    """One event: above zero the client owes more. ``kind`` and ``pk`` name the row behind it."""

    day: dt.date
    kind: str
    pk: int
    words: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A movement with the balance after it."""

    movement: Movement
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """A client's movements in one currency from one day to another, both included."""

    opening: Decimal
    entries: tuple[LedgerEntry, ...]

    @property
    def closing(self) -> Decimal:
        return self.entries[-1].balance if self.entries else self.opening


def ledger(client: Client, currency: str, first: dt.date, last: dt.date) -> Ledger:
    """Return the movements of the days ``first`` to ``last`` with the balances around them. Seven queries."""
    until = sorted((m for m in _movements(client, currency) if m.day <= last), key=_in_order)
    balance = opening = sum((m.amount for m in until if m.day < first), ZERO)
    entries = []
    for movement in until:
        if movement.day >= first:
            balance += movement.amount
            entries.append(LedgerEntry(movement, balance))
    return Ledger(opening, tuple(entries))


def _in_order(movement: Movement) -> tuple:
    return movement.day, movement.amount < ZERO, movement.kind, movement.pk


def balance_on(client: Client, currency: str, day: dt.date) -> Decimal:
    """Return what the client owes at the end of the day; below zero it has credit."""
    return sum((m.amount for m in _movements(client, currency) if m.day <= day), ZERO)


def movements_by_account() -> Iterator[tuple[int, str, Movement]]:
    """Yield every event of the office with its client and currency, in no order. Six queries."""
    for source in _sources():
        for client, currency, *facts in source.rows.values_list(
            source.client, source.currency, *source.columns
        ):
            for movement in source.movements(*facts):
                yield client, currency, movement
    across = _transfers_between()
    for pk, payer, owing, currency, number, day, amount in across.values_list(*TRANSFER):
        yield payer, currency, Movement(day, "transfer", pk, number, amount)
        yield owing, currency, Movement(day, "transfer", pk, number, -amount)


def _movements(client: Client, currency: str) -> Iterator[Movement]:
    """Yield every event of the client in the currency, in no order."""
    for source in _sources():
        mine = source.rows.filter(**{source.client: client, source.currency: currency})
        for facts in mine.values_list(*source.columns):
            yield from source.movements(*facts)
    across = _transfers_between().filter(Q(payment__client=client) | Q(statement__client=client))
    for pk, payer, _owing, _, number, day, amount in across.filter(statement__currency=currency).values_list(
        *TRANSFER
    ):
        yield Movement(day, "transfer", pk, number, amount if payer == client.pk else -amount)


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows that each move an account on their day, and the other way round on their void date."""

    kind: str
    rows: QuerySet
    words: str
    day: str
    amount: str
    sign: int
    client: str = "client"
    currency: str = "currency"
    can_be_void: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        return ("pk", self.words, self.day, self.amount, *(["void_date"] if self.can_be_void else []))

    def movements(
        self, pk: int, text: str, day: dt.date, amount: Decimal, *void: dt.date | None
    ) -> Iterator[Movement]:
        yield Movement(day, self.kind, pk, text, self.sign * amount)
        if void and void[0]:
            yield Movement(void[0], f"{self.kind}_void", pk, text, -self.sign * amount)


def _source_of(kind: DocumentKind) -> _Source:
    rows, sign = kind.all_numbered().order_by(), kind.ledger_sign
    facts = {"client": kind.client, "amount": kind.amount}
    return _Source(kind.noun, rows, "number", "issue_date", sign=sign, can_be_void=kind.can_be_void, **facts)


def _sources() -> list[_Source]:
    """Return what moves accounts: documents, payments, refunds, settlements; no transfers."""
    documents = [_source_of(kind) for kind in KINDS]
    paid, refunds = Payment.objects.posted().order_by(), Refund.objects.order_by()
    of_payment = "payment__client", "payment__currency"
    of_statement = "statement__client", "statement__currency"
    return [
        *documents,
        _Source("payment", paid, "manual_number", "paid_on", "amount", -1),
        _Source("refund", refunds, "reference", "refunded_on", "amount", +1, *of_payment),
        _Source(
            "settlement", Settlement.objects.order_by(), "kind", "settled_on", "amount", -1, *of_statement
        ),
    ]


# Of money of one client that is applied to another's statement: the payer, and who owes.
TRANSFER = (
    "pk", "payment__client_id", "statement__client_id", "statement__currency", "statement__number",
    "effective_on", "amount",
)  # fmt: skip


def _transfers_between() -> QuerySet[Allocation]:
    """Return money of one client of a payer group applied to another's statement."""
    across = Allocation.objects.exclude(payment=None)
    return across.exclude(payment__client=F("statement__client")).order_by()


def currencies_of(client: Client) -> list[str]:
    """Return the currencies in which the client has statements or payments, sorted."""
    found = (model._default_manager.filter(client=client).order_by() for model in (Statement, Payment))
    used = {currency for rows in found for currency in rows.values_list("currency", flat=True).distinct()}
    return sorted(used or {client.currency})
