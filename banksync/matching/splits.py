"""One transaction that pays several bills, in parts that a person gives."""

from collections.abc import Sequence
from decimal import Decimal

from banksync.matching.bank_lines import BankLine
from banksync.matching.eligibility import why_pair_ineligible
from banksync.matching.targets import DueItem
from billtracker.core.money import ZERO, MoneyError, exact, to_display

Parts = Sequence[tuple[DueItem, Decimal]]


def why_split_refused(line: BankLine, parts: Parts) -> str:
    """Return why the line cannot pay these parts; empty where it can.

    The parts may come to less than the line has, never to more, and none to more than is owed.
    """
    if not parts:
        return "Choose at least one bill."
    if len({item.key for item, _ in parts}) < len(parts):
        return "The same due date is listed twice."
    for item, amount in parts:
        if why_not := why_pair_ineligible(line, item) or _why_amount_refused(item, amount):
            return why_not
    total = sum((amount for _, amount in parts), ZERO)
    if total > line.left:
        total_shown, left = to_display(total, line.currency), to_display(line.left, line.currency)
        return f"The parts come to {total_shown}; {left} of this transaction is left."
    return ""


def _why_amount_refused(item: DueItem, amount: Decimal) -> str:
    try:
        amount = exact(amount, item.currency)
    except MoneyError as error:
        return str(error)
    if amount <= ZERO:
        return "Each part must be more than zero."
    if item.owed is not None and amount > item.owed:
        amount_shown, owed = to_display(amount, item.currency), to_display(item.owed, item.currency)
        return f"{amount_shown} is more than the {owed} owed on {item.due_date.day} {item.due_date:%B %Y}."
    return ""
