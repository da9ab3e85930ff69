"""In which state an occurrence is: derived from facts and a date, never stored."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices

from bills.models import Occurrence
from billtracker.core.money import ZERO


class State(TextChoices):
    SKIPPED = "skipped", "Skipped"
    PAID = "paid", "Paid"
    OVERPAID = "overpaid", "Overpaid"
    ASSUMED_PAID = "assumed_paid", "Assumed paid"
    PARTIAL = "partial", "Part paid"
    SNOOZED = "snoozed", "Snoozed"
    UPCOMING = "upcoming", "Upcoming"
    DUE_SOON = "due_soon", "Due soon"
    LATE = "late", "Late"
    MISSED = "missed", "Missed"


SETTLED = frozenset({State.SKIPPED, State.PAID, State.OVERPAID, State.ASSUMED_PAID})
OVERDUE = frozenset({State.LATE, State.MISSED})


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, and beside a partial one how urgent the rest is (else the same as the state)."""

    state: State
    urgency: State

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_overdue(self) -> bool:
        return not self.is_settled and self.urgency in OVERDUE


def standing_of(
    occurrence: Occurrence, paid: Decimal, today: dt.date, *, due_soon_days: int, grace_days: int
) -> Standing:
    """Return the standing on ``today`` (in the household's time zone) of what has been ``paid``."""
    settled = settled_state(occurrence, paid, today)
    if settled:
        return Standing(settled, settled)
    urgency = urgency_of(occurrence, today, due_soon_days, grace_days)
    return Standing(State.PARTIAL if paid > ZERO else urgency, urgency)


def settled_state(occurrence: Occurrence, paid: Decimal, today: dt.date) -> State | None:
    """Return the state in which nothing is left to do, or None."""
    if occurrence.is_skipped:
        return State.SKIPPED
    if paid == occurrence.owed:
        return State.PAID
    if paid > occurrence.owed:
        return State.OVERPAID
    if is_assumed_paid(occurrence, paid, today):
        return State.ASSUMED_PAID
    return None


def is_assumed_paid(occurrence: Occurrence, paid: Decimal, today: dt.date) -> bool:
    """Say whether autopay is taken to have paid: due, no payment and no failure recorded."""
    return (
        occurrence.is_autopay
        and occurrence.due_date <= today
        and paid == ZERO
        and occurrence.autopay_failed_at is None
    )


def urgency_of(occurrence: Occurrence, today: dt.date, due_soon_days: int, grace_days: int) -> State:
    """Return how urgent an unsettled occurrence is."""
    if occurrence.snoozed_until and occurrence.snoozed_until > today:
        return State.SNOOZED
    days_left = (occurrence.due_date - today).days
    if days_left > due_soon_days:
        return State.UPCOMING
    if days_left >= 0:
        return State.DUE_SOON
    return State.LATE if -days_left <= grace_days else State.MISSED
