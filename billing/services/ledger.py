"""What every entry of the ledger is checked for: its reason, its day, its amount."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Allocation, Payment, Statement
from billing.reports.balances import dated_amounts, version_of
from billing.reports.office import office_today
from billing.rules.dated_amounts import first_day_with, standing_in_the_end
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, MoneyError, exact, to_display

SHORTEST_REASON = 5


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


def positive_amount(amount: Decimal, currency: str) -> Decimal:
    """Return the exact amount; refuse one that is not above zero."""
    try:
        amount = exact(amount, currency)
    except MoneyError as error:
        raise DomainError(str(error), field="amount") from None
    if amount <= ZERO:
        raise DomainError("The amount is more than zero.", field="amount")
    return amount


@dataclass(frozen=True, slots=True)
class Limit:
    """What an act draws on, in words: ``Limit("left of", payment)``, ``Limit("owed on", statement)``."""

    what: str
    source: Payment | Statement

    @property
    def words(self) -> str:
        return f"{self.what} {self.source}"


def take_from(
    limits: Iterable[Limit], amount: Decimal, day: dt.date | None, first: dt.date, rule: str, *, field: str
) -> tuple[Decimal, dt.date]:
    """Return the exact amount and its day, once they are within what there is from that day on.

    Every dated act holds on each day from its own on: what was there only before, or comes back only
    later, is not taken. Without a day it is today, or the first later one on which there is enough; a
    refusal names that day. ``first`` and ``rule`` as for ``check_day``. Call it under the rows' locks.
    """
    limits = list(limits)
    amount = positive_amount(amount, limits[0].source.currency)
    begins = {limit.words: _first_day_of(limit, amount) for limit in limits}
    possible = max(first, *begins.values())
    chosen = day or max(possible, office_today())
    if chosen >= first:
        _require_limits(begins, amount, limits[0].source.currency, chosen, possible, field)
    check_day(chosen, possible if chosen >= first else first, rule, field=field)
    return amount, chosen


def _first_day_of(limit: Limit, amount: Decimal) -> dt.date:
    """Return the first day from which the limit is high enough; refuse one that it never is for good."""
    rows, currency = dated_amounts(limit.source), limit.source.currency
    if (day := first_day_with(rows, amount)) is None:
        most = max(standing_in_the_end(rows), ZERO)
        raise DomainError(
            f"{to_display(most, currency)} is {limit.words}. Nothing was changed.",
            field="amount",
            code="too_much",
        )
    return day


def _require_limits(
    begins: Mapping[str, dt.date], amount: Decimal, currency: str, day: dt.date, possible: dt.date, field: str
) -> None:
    """Refuse a day before there is enough of what an act draws on, naming the first possible one."""
    if late := [words for words, begun in begins.items() if begun > day]:
        raise DomainError(
            f"{to_display(amount, currency)} is {' and '.join(late)} only from {possible.isoformat()} on,"
            f" not on each day from {day.isoformat()}. Nothing was changed; choose a day from"
            f" {possible.isoformat()} on.",
            field=field,
            code="too_early",
        )


def void_day(
    source: Payment | Statement, live: Collection[Allocation], day: dt.date | None, rule: str
) -> dt.date:
    """Return the day on which a payment or statement is voided, once it stands whole from then on.

    ``live`` are the rows that the void itself reverses. Refuses a day on which something that was taken
    back later still stands, with the first possible one. Call it under the row's lock.
    """
    whole = source.total if isinstance(source, Statement) else source.amount
    begun = first_day_with(dated_amounts(source, without=live), whole)
    if begun is None:
        raise DomainError(f"A part of {source} is used; take that back first. Nothing was changed.")
    today = office_today()
    # A row ahead of today is taken back on its own day, so that the void does not have to wait for it.
    first = max([begun, *(row.effective_on for row in live if row.effective_on <= today)])
    chosen = day or max(first, today)
    check_day(chosen, first, rule, field="void_date")
    return chosen


def require_seen(row: Payment | Statement, seen: str | None) -> None:
    """Refuse what is no longer as the person saw it, and with it the same form sent twice; call it under
    the row's lock. None asks for no such proof."""
    if seen is not None and seen != version_of(row):
        raise DomainError(
            f"{row} changed since you saw it; look at it again. Nothing was changed.", code="changed"
        )
