"""How well the amount of a bank line fits what is owed."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from statistics import median

from banksync.matching.bank_lines import BankLine
from banksync.matching.targets import DueItem, RecordedPayment, Target
from billtracker.core.money import round_money, to_display

CLOSE_SHARE = Decimal("0.02")
CLOSE_AMOUNT = Decimal("1.00")
USUAL_SHARE = Decimal("0.075")
# A running median: prices of a year ago say little about the next bill.
USUAL_COUNT = 6


class Fit(IntEnum):
    """The better, the higher."""

    UNKNOWN = 1
    CLOSE = 2
    USUAL = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class AmountFit:
    """How an amount fits, in words, and whether it agrees well enough to need no person."""

    fit: Fit
    reason: str
    agrees: bool


def judge_amount(line: BankLine, target: Target) -> AmountFit | None:
    """Return how what is left of the line fits; None where it does not."""
    if isinstance(target, RecordedPayment):
        return _exact() if line.left == target.amount else None
    if line.left == target.owed:
        return _exact()
    if target.is_variable:
        return _judge_variable(line, target)
    return _judge_fixed(line, target)


def settled_amount(line: BankLine, target: Target) -> Decimal:
    """Return what the line pays of the target: never more than is left of it, never more than is owed."""
    owed = target.owed if isinstance(target, DueItem) else target.amount
    return line.left if owed is None else min(line.left, owed)


def _exact() -> AmountFit:
    return AmountFit(Fit.EXACT, "Amount is exact", agrees=True)


def _judge_variable(line: BankLine, item: DueItem) -> AmountFit | None:
    # Where somebody entered the amount of this date, only that amount needs no second look.
    agrees = item.owed is None
    if item.expected_range:
        low, high = item.expected_range
        if not low <= line.left <= high:
            return None
        bounds = f"{to_display(low, item.currency)} to {to_display(high, item.currency)}"
        return AmountFit(Fit.USUAL, f"Amount is in your range, {bounds}", agrees)
    if not item.past_amounts:
        return _judge_fixed(line, item)
    usual = median(item.past_amounts[-USUAL_COUNT:])
    if abs(line.left - usual) > USUAL_SHARE * usual:
        return None
    shown = to_display(round_money(usual, item.currency), item.currency)
    return AmountFit(Fit.USUAL, f"Amount is within 7.5% of the usual {shown}", agrees)


def _judge_fixed(line: BankLine, item: DueItem) -> AmountFit | None:
    if item.owed is None:
        return AmountFit(Fit.UNKNOWN, "Amount of this bill is not known yet", agrees=False)
    difference = line.left - item.owed
    if abs(difference) > max(CLOSE_SHARE * item.owed, CLOSE_AMOUNT):
        return None
    shown = to_display(abs(difference), item.currency)
    return AmountFit(
        Fit.CLOSE, f"Amount is {shown} {'more' if difference > 0 else 'less'} than owed", agrees=False
    )
