"""What every entry of the ledger is checked for: its reason, its day, its amount."""

import datetime as dt
from decimal import Decimal

from billing.models import Payment, Statement
from billing.reports.balances import version_of
from billing.reports.office import office_profile
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, MoneyError, exact, to_display
from billtracker.core.periods import today

SHORTEST_REASON = 5


def office_today() -> dt.date:
    """Return the date in the office's time zone."""
    return today(office_profile().time_zone)


def long_enough(reason: str) -> str:
    """Return the reason without its edges; refuse one of fewer than five characters."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"Give a reason of at least {SHORTEST_REASON} characters.", field="reason")
    return reason[:500]


def check_day(day: dt.date, first: dt.date, rule: str, *, field: str) -> None:
    """Refuse a day before ``first`` (``rule`` says why), and one in the future."""
    if day < first:
        raise DomainError(f"{rule}: {first.isoformat()} at the earliest.", field=field)
    if day > max(first, office_today()):
        raise DomainError(f"{day.isoformat()} is in the future.", field=field)


def amount_within(amount: Decimal, currency: str, *limits: tuple[str, Decimal]) -> Decimal:
    """Return the exact amount; refuse one that is not above zero, or above one of the limits.

    A limit is its words and the most there is, such as ``("left of Payment 17", Decimal("40.00"))``.
    """
    try:
        amount = exact(amount, currency)
    except MoneyError as error:
        raise DomainError(str(error), field="amount") from None
    if amount <= ZERO:
        raise DomainError("The amount is more than zero.", field="amount")
    for what, most in limits:
        if amount > most:
            raise DomainError(
                f"{to_display(most, currency)} is {what}. Nothing was changed.",
                field="amount",
                code="too_much",
            )
    return amount


def require_seen(row: Payment | Statement, seen: str | None) -> None:
    """Refuse what is no longer as the person saw it, and with it the same form sent twice; call it under
    the row's lock. None asks for no such proof."""
    if seen is not None and seen != version_of(row):
        raise DomainError(
            f"{row} changed since you saw it; look at it again. Nothing was changed.", code="changed"
        )
