"""What rules a pair of bank line and target out before anything is weighed."""

from banksync.matching.bank_lines import BankLine
from banksync.matching.targets import DueItem, Target
from billtracker.core.money import ZERO, MoneyError, places
from billtracker.core.periods import is_within_reach


def why_line_ineligible(line: BankLine) -> str:
    """Return why the line can settle nothing at all; empty where it can."""
    if not line.is_monitored:
        return "This account is not monitored."
    if line.is_pending or line.day is None:
        return "This transaction is still pending."
    if not is_within_reach(line.day):
        return "The date of this transaction is out of range."
    if not _is_known_currency(line.currency):
        return f"{line.currency} is not a currency that bills can be paid in."
    if line.left == ZERO:
        return "This transaction is already matched in full."
    return ""


def why_pair_ineligible(line: BankLine, target: Target) -> str:
    """Return why this line cannot belong to this target; empty where it can."""
    if why_not := why_line_ineligible(line):
        return why_not
    if line.currency != target.currency:
        return f"The transaction is in {line.currency}, the amount due in {target.currency}."
    if line.is_money_out != target.is_paid_by_money_out:
        return "Money out pays bills; money in pays statements."
    if isinstance(target, DueItem) and target.is_settled:
        return "Nothing is owed any more."
    return ""


def _is_known_currency(code: str) -> bool:
    try:
        places(code)
    except MoneyError:
        return False
    return True
