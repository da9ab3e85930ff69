"""What a client owed before a statement, as the statement prints it where the office wants that."""

from decimal import Decimal

from billing.models import Statement
from billing.reports.account_statements import account_of
from billing.reports.aging import BUCKETS
from billtracker.core.money import ZERO, to_display, to_text


def prior_balance(statement: Statement) -> dict | None:
    """Return the account at the end of the issue date without this statement, in words and exact amounts.

    For a statement that has its dates and is not issued yet. None without any balance before it.
    """
    day, currency = statement.issue_date, statement.currency
    if day is None:
        raise ValueError("The balance before a statement is as of its issue date.")
    account = account_of(statement.client, currency, day, day)
    balance = account.ledger.closing
    if not balance and not account.aging.owed:
        return None

    def display(amount: Decimal) -> str:
        return to_display(amount, currency, symbol=False)

    buckets = zip(BUCKETS, account.aging.buckets, strict=True)
    return {
        "balance": to_text(balance, currency),
        "balance_shown": display(balance),
        "with_this_shown": display(balance + statement.total),
        "late": [{"days": days, "shown": display(amount)} for days, amount in buckets],
        "credit_shown": display(account.aging.credit) if account.aging.credit != ZERO else "",
    }
