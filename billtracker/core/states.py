"""One table of states: the word, the tone and the sign that every page shows for each."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class State:
    """How a state looks: ``tone`` is a CSS class of the badge, ``icon`` a heroicon."""

    word: str | Promise
    tone: str
    icon: str


STATES = {
    # Settled
    "paid": State(_("Paid"), "ok", "check-circle"),
    "overpaid": State(_("Overpaid"), "ok", "plus-circle"),
    "verified": State(_("Verified"), "ok", "check-badge"),
    "settled": State(_("Settled"), "ok", "check-circle"),
    "healthy": State(_("Healthy"), "ok", "check-circle"),
    "ok": State(_("Fine"), "ok", "check-circle"),
    "done": State(_("Done"), "ok", "check-circle"),
    "active": State(_("Active"), "ok", "check-circle"),
    "sent": State(_("Sent"), "ok", "paper-airplane"),
    "created": State(_("Created"), "ok", "plus-circle"),
    # Wants a look
    "assumed_paid": State(_("Assumed paid"), "info", "eye"),
    "in_review": State(_("In review"), "info", "eye"),
    "running": State(_("Running"), "info", "arrow-path"),
    "sending": State(_("Being sent"), "info", "arrow-path"),
    "issued": State(_("Issued"), "info", "document-check"),
    # Soon
    "due_soon": State(_("Due soon"), "warn", "clock"),
    "partial": State(_("Part paid"), "warn", "receipt-percent"),
    "snoozed": State(_("Snoozed"), "warn", "bell-snooze"),
    "waiting": State(_("Waiting"), "warn", "clock"),
    "stale": State(_("Stale"), "warn", "clock"),
    "duplicate": State(_("Duplicate"), "warn", "document-duplicate"),
    "warning": State(_("Warning"), "warn", "exclamation-triangle"),
    # Too late or broken
    "late": State(_("Late"), "bad", "exclamation-circle"),
    "missed": State(_("Missed"), "bad", "exclamation-triangle"),
    "overdue": State(_("Overdue"), "bad", "exclamation-circle"),
    "failed": State(_("Failed"), "bad", "exclamation-circle"),
    "error": State(_("Error"), "bad", "exclamation-circle"),
    "killed": State(_("Killed"), "bad", "x-circle"),
    "problem": State(_("Problem"), "bad", "exclamation-circle"),
    # Calm
    "unpaid": State(_("Unpaid"), "mute", "minus-circle"),
    "posted": State(_("Posted"), "info", "eye"),
    "upcoming": State(_("Upcoming"), "mute", "calendar"),
    "exists": State(_("Already there"), "mute", "document-check"),
    "planned": State(_("Planned"), "mute", "calendar"),
    "queued": State(_("Queued"), "mute", "queue-list"),
    "new": State(_("New"), "mute", "plus-circle"),
    "unknown": State(_("Not known"), "mute", "question-mark-circle"),
    "resolved": State(_("Resolved"), "ok", "check-circle"),
    "not_checked": State(_("Not checked"), "mute", "question-mark-circle"),
    "draft": State(_("Draft"), "draft", "pencil"),
    "open": State(_("Open"), "mute", "lock-open"),
    "locked": State(_("Locked"), "warn", "lock-closed"),
    "closed": State(_("Closed"), "ok", "lock-closed"),
    # Out of the count
    "skipped": State(_("Skipped"), "gone", "no-symbol"),
    "withdrawn": State(_("Withdrawn"), "gone", "no-symbol"),
    "void": State(_("Void"), "gone", "no-symbol"),
    "inactive": State(_("Inactive"), "mute", "pause-circle"),
    "expired": State(_("Expired"), "mute", "clock"),
    "revoked": State(_("Revoked"), "gone", "no-symbol"),
}


def state_named(name: str) -> State:
    """Return how that state looks; an unknown name is a programmer's error and raises KeyError."""
    return STATES[str(name)]
