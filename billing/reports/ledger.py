"""A client's ledger: every dated event that changed what it owes, in order, with the balance after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q

from billing.models import Allocation, Client, CreditNote, Payment, Refund, Settlement, Statement
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
class Entry:
    """A movement with the balance after it."""

    movement: Movement
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """A client's movements in one currency from one day to another, both included."""

    opening: Decimal
    entries: tuple[Entry, ...]

    @property
    def closing(self) -> Decimal:
        return self.entries[-1].balance if self.entries else self.opening


def ledger(client: Client, currency: str, first: dt.date, last: dt.date) -> Ledger:
    """Return the movements of the days ``first`` to ``last`` with the balances around them. Seven queries."""
    until = sorted((m for m in movements(client, currency) if m.day <= last), key=in_order)
    balance = opening = sum((m.amount for m in until if m.day < first), ZERO)
    entries = []
    for movement in until:
        if movement.day >= first:
            balance += movement.amount
            entries.append(Entry(movement, balance))
    return Ledger(opening, tuple(entries))


def in_order(movement: Movement) -> tuple:
    return movement.day, movement.amount < ZERO, movement.kind, movement.pk


def balance_on(client: Client, currency: str, day: dt.date) -> Decimal:
    """Return what the client owes at the end of the day; below zero it has credit."""
    return sum((m.amount for m in movements(client, currency) if m.day <= day), ZERO)


def movements(client: Client, currency: str) -> Iterator[Movement]:
    """Yield every event of the client in the currency, in no order."""
    of_statement = {"statement__client": client, "statement__currency": currency}
    numbered = Statement.objects.numbered().filter(client=client, currency=currency)
    yield from both_ways("statement", numbered.order_by(), "number", "issue_date", "total", +1)
    paid = Payment.objects.exclude(state=Payment.State.DRAFT).filter(client=client, currency=currency)
    yield from both_ways("payment", paid.order_by(), "manual_number", "paid_on", "amount", -1)
    refunds = Refund.objects.filter(payment__client=client, payment__currency=currency)
    yield from both_ways("refund", refunds.order_by(), "reference", "refunded_on", "amount", +1)
    settled = Settlement.objects.filter(**of_statement)
    yield from both_ways("settlement", settled.order_by(), "kind", "settled_on", "amount", -1)
    notes = CreditNote.objects.filter(**of_statement).order_by()
    for pk, number, day, amount in notes.values_list("pk", "number", "issue_date", "amount"):
        yield Movement(day, "credit_note", pk, number, -amount)
    yield from transfers(client, currency)


def both_ways(kind: str, rows, words: str, day: str, amount: str, sign: int) -> Iterator[Movement]:
    """Yield each row on its day, and the other way round on its void date."""
    for pk, text, on, much, void_date in rows.values_list("pk", words, day, amount, "void_date"):
        yield Movement(on, kind, pk, text, sign * much)
        if void_date:
            yield Movement(void_date, f"{kind}_void", pk, text, -sign * much)


def transfers(client: Client, currency: str) -> Iterator[Movement]:
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
