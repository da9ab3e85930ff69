"""A client's ledger: every dated event that changed what it owes, in order, with the balance after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from billing.documents.kinds import KINDS
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


def _movements(client: Client, currency: str) -> Iterator[Movement]:
    """Yield every event of the client in the currency, in no order."""
    for kind in KINDS:
        rows = kind.of_client(client, currency).order_by()
        yield from _both_ways(
            kind.noun,
            rows,
            "number",
            "issue_date",
            kind.amount,
            kind.ledger_sign,
            can_be_void=kind.can_be_void,
        )
    paid = Payment.objects.posted().filter(client=client, currency=currency)
    yield from _both_ways("payment", paid.order_by(), "manual_number", "paid_on", "amount", -1)
    refunds = Refund.objects.filter(payment__client=client, payment__currency=currency)
    yield from _both_ways("refund", refunds.order_by(), "reference", "refunded_on", "amount", +1)
    settled = Settlement.objects.filter(statement__client=client, statement__currency=currency)
    yield from _both_ways("settlement", settled.order_by(), "kind", "settled_on", "amount", -1)
    yield from _transfers(client, currency)


def _both_ways(
    kind: str, rows: QuerySet, words: str, day: str, amount: str, sign: int, *, can_be_void: bool = True
) -> Iterator[Movement]:
    """Yield each row on its day, and the other way round on its void date."""
    columns = ("pk", words, day, amount, *(["void_date"] if can_be_void else []))
    for pk, text, on, much, *void_date in rows.values_list(*columns):
        yield Movement(on, kind, pk, text, sign * much)
        if any(void_date):
            yield Movement(void_date[0], f"{kind}_void", pk, text, -sign * much)


def _transfers(client: Client, currency: str) -> Iterator[Movement]:
    """Yield money of one client of a payer group applied to another's statement, for either of them."""
    across = Allocation.objects.filter(statement__currency=currency).exclude(payment=None)
    across = across.exclude(payment__client=F("statement__client")).order_by()
    mine = across.filter(Q(payment__client=client) | Q(statement__client=client))
    columns = ("pk", "payment__client_id", "statement__number", "effective_on", "amount")
    for pk, payer, number, day, amount in mine.values_list(*columns):
        sign = +1 if payer == client.pk else -1
        yield Movement(day, "transfer", pk, number, sign * amount)


def currencies_of(client: Client) -> list[str]:
    """Return the currencies in which the client has statements or payments, sorted."""
    found = (model._default_manager.filter(client=client).order_by() for model in (Statement, Payment))
    used = {currency for rows in found for currency in rows.values_list("currency", flat=True).distinct()}
    return sorted(used or {client.currency})
