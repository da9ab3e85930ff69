"""What an issued statement is: paid, settled, part paid, overdue or unpaid. Derived, never stored."""

import datetime as dt
from decimal import Decimal

from billtracker.core.money import ZERO


def payment_state(
    *,
    total: Decimal,
    settled: Decimal,
    cash: Decimal,
    due_date: dt.date | None,
    day: dt.date,
    is_ahead: bool = False,
) -> str:
    """Return the name of the state in core's table, for an issued statement at the end of ``day``.

    One dated ahead of the day is "ahead": it owes nothing yet. Nothing owed is "paid" when all of it came
    as money (``cash`` of what is ``settled``), else
    "settled". What is still owed is "overdue" from the day after its due date, however much of it
    came; before that "partial", or "unpaid" when nothing did.
    """
    if is_ahead:
        return "ahead"
    if settled >= total:
        return "paid" if total > ZERO and cash >= total else "settled"
    if due_date and due_date < day:
        return "overdue"
    return "partial" if settled > ZERO else "unpaid"


def oldest_first(amount: Decimal, owed: list[Decimal]) -> list[Decimal]:
    """Return how much goes to each of what is owed, in its order, until the amount is used up."""
    parts = []
    for owing in owed:
        part = min(amount, owing)
        parts.append(part)
        amount -= part
    return parts
