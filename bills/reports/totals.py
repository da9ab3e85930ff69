"""Sums over due dates, per currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bills.reports.rows import DueRow
from bills.rules.states import OccurrenceState
from billtracker.core.money import ZERO

LEFT_OUT = (OccurrenceState.SKIPPED, OccurrenceState.AMOUNT_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows of one currency.

    Skipped rows and those whose amount nobody knows yet are in no sum, and only in the counts of their
    own. ``assumed`` is what autopay is taken to have paid without a payment on record, so
    expected = paid + assumed + left, but for what was paid too much.
    """

    currency: str
    expected: Decimal
    paid: Decimal
    assumed: Decimal
    left: Decimal
    overdue: Decimal
    count: int
    settled_count: int
    skipped_count: int
    unknown_count: int

    @property
    def overpaid(self) -> Decimal:
        return self.paid + self.assumed + self.left - self.expected

    @property
    def settled_percent(self) -> int:
        """How much of what is expected is paid or assumed paid, 0 to 100, rounded down."""
        done = self.expected - self.left
        return int(100 * done / self.expected) if self.expected else 100


def _totals_of(rows: Iterable[DueRow], currency: str) -> Totals:
    """Add up the rows of one currency."""
    mine = [row for row in rows if row.currency == currency]
    skipped = [row for row in mine if row.standing.state == OccurrenceState.SKIPPED]
    unknown = [row for row in mine if row.is_unknown]
    owed = [row for row in mine if row.standing.state not in LEFT_OUT]
    assumed = [row for row in owed if row.standing.state == OccurrenceState.ASSUMED_PAID]
    return Totals(
        currency=currency,
        expected=sum((row.owed for row in owed), ZERO),
        paid=sum((row.paid for row in owed), ZERO),
        assumed=sum((row.owed for row in assumed), ZERO),
        left=sum((row.left for row in owed), ZERO),
        overdue=sum((row.left for row in owed if row.is_past_due), ZERO),
        count=len(owed),
        settled_count=sum(row.standing.is_settled for row in owed),
        skipped_count=len(skipped),
        unknown_count=len(unknown),
    )


def all_totals(rows: Sequence[DueRow], first: str = "") -> list[Totals]:
    """Return the totals per currency; different currencies are never added. ``first`` leads."""
    currencies = sorted({row.currency for row in rows}, key=lambda code: (code != first, code))
    return [_totals_of(rows, currency) for currency in currencies]
