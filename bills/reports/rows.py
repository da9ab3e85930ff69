"""One due date as a person sees it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from bills.models import Bill, Category, Occurrence
from bills.rules.states import BillStanding, OccurrenceState, owed_of, standing_of
from billtracker.accounts.models import Household
from billtracker.core.money import ZERO


@dataclass(frozen=True, slots=True)
class DueRow:
    """One occurrence as a person sees it: what is owed, paid and left, and where it stands."""

    occurrence: Occurrence
    paid: Decimal
    standing: BillStanding
    today: dt.date

    @property
    def bill(self) -> Bill:
        return self.occurrence.bill

    @property
    def category(self) -> Category | None:
        category = self.bill.category
        return category if category and not category.deleted_at else None

    @property
    def owed(self) -> Decimal:
        return owed_of(self.occurrence, self.paid)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows yet how much is owed: it counts in no total."""
        return self.standing.state == OccurrenceState.AMOUNT_UNKNOWN

    @property
    def currency(self) -> str:
        return self.occurrence.currency

    @property
    def left(self) -> Decimal:
        """What is still to be paid; zero once settled, skipped or assumed paid."""
        return ZERO if self.standing.is_settled else self.owed - self.paid

    @property
    def is_past_due(self) -> bool:
        """Unsettled after its due date, snoozed or not."""
        return not self.standing.is_settled and self.occurrence.due_date < self.today


def row_of(occurrence: Occurrence, household: Household, today: dt.date) -> DueRow:
    """Return the row of an occurrence that carries ``paid``."""
    standing = standing_of(
        occurrence,
        occurrence.paid,
        today,
        due_soon_days=household.due_soon_days,
        grace_days=household.grace_days,
    )
    return DueRow(occurrence, occurrence.paid, standing, today)
