"""In which state an occurrence is: derived from facts and a date, never stored."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices

from bills.models import Occurrence
from billtracker.core.money import ZERO


class OccurrenceState(TextChoices):
    SKIPPED = "skipped", "Skipped"
    PAID = "paid", "Paid"
    OVERPAID = "overpaid", "Overpaid"
    ASSUMED_PAID = "assumed_paid", "Assumed paid"
    PARTIAL = "partial", "Part paid"
    AMOUNT_UNKNOWN = "amount_unknown", "Amount not known yet"
    SNOOZED = "snoozed", "Snoozed"
    UPCOMING = "upcoming", "Upcoming"
    DUE_SOON = "due_soon", "Due soon"
    LATE = "late", "Late"
    MISSED = "missed", "Missed"


SETTLED = frozenset(
    {OccurrenceState.SKIPPED, OccurrenceState.PAID, OccurrenceState.OVERPAID, OccurrenceState.ASSUMED_PAID}
)
OVERDUE = frozenset({OccurrenceState.LATE, OccurrenceState.MISSED})


@dataclass(frozen=True, slots=True)
class BillStanding:
    """The state, and beside a partial or unknown amount how urgent it is (else the same as the state)."""

    state: OccurrenceState
    urgency: OccurrenceState

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_overdue(self) -> bool:
        return not self.is_settled and self.urgency in OVERDUE


def standing_of(
    occurrence: Occurrence, paid: Decimal, today: dt.date, *, due_soon_days: int, grace_days: int
) -> BillStanding:
    """Return the standing on ``today`` (in the household's time zone) of what has been ``paid``."""
    settled = settled_state(occurrence, paid, today)
    if settled:
        return BillStanding(settled, settled)
    urgency = _urgency_of(occurrence, today, due_soon_days, grace_days)
    if occurrence.has_unknown_amount:
        return BillStanding(OccurrenceState.AMOUNT_UNKNOWN, urgency)
    return BillStanding(OccurrenceState.PARTIAL if paid > ZERO else urgency, urgency)


def owed_of(occurrence: Occurrence, paid: Decimal) -> Decimal:
    """Return what is owed; where the amount was not known, what was paid."""
    return paid if occurrence.has_unknown_amount else occurrence.owed


def settled_state(occurrence: Occurrence, paid: Decimal, today: dt.date) -> OccurrenceState | None:
    """Return the state in which nothing is left to do, or None."""
    if occurrence.is_skipped:
        return OccurrenceState.SKIPPED
    if occurrence.has_unknown_amount:
        # What was paid is what was owed.
        return OccurrenceState.PAID if paid > ZERO else None
    if paid == occurrence.owed:
        return OccurrenceState.PAID
    if paid > occurrence.owed:
        return OccurrenceState.OVERPAID
    if _is_assumed_paid(occurrence, paid, today):
        return OccurrenceState.ASSUMED_PAID
    return None


def _is_assumed_paid(occurrence: Occurrence, paid: Decimal, today: dt.date) -> bool:
    """Say whether autopay is taken to have paid: due, no payment and no failure recorded."""
    return (
        occurrence.is_autopay
        and occurrence.due_date <= today
        and paid == ZERO
        and occurrence.autopay_failed_at is None
    )


def _urgency_of(
    occurrence: Occurrence, today: dt.date, due_soon_days: int, grace_days: int
) -> OccurrenceState:
    """Return how urgent an unsettled occurrence is."""
    if occurrence.snoozed_until and occurrence.snoozed_until > today:
        return OccurrenceState.SNOOZED
    days_left = (occurrence.due_date - today).days
    if days_left > due_soon_days:
        return OccurrenceState.UPCOMING
    if days_left >= 0:
        return OccurrenceState.DUE_SOON
    return OccurrenceState.LATE if -days_left <= grace_days else OccurrenceState.MISSED
