"""One table of states: the word, the tone and the sign that every page shows for each."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state looks: ``tone`` is a CSS class of the badge, ``icon`` a heroicon."""

    word: str | Promise
    tone: str
    icon: str


STATES = {
    # Settled
    "paid": StateLook(_("Paid"), "ok", "check-circle"),
    "overpaid": StateLook(_("Overpaid"), "ok", "plus-circle"),
    "verified": StateLook(_("Verified"), "ok", "check-badge"),
    "ahead": StateLook(_("Dated ahead"), "info", "clock"),
    "settled": StateLook(_("Settled"), "ok", "check-circle"),
    "healthy": StateLook(_("Healthy"), "ok", "check-circle"),
    "ok": StateLook(_("Fine"), "ok", "check-circle"),
    "done": StateLook(_("Done"), "ok", "check-circle"),
    "active": StateLook(_("Active"), "ok", "check-circle"),
    "sent": StateLook(_("Sent"), "ok", "paper-airplane"),
    "created": StateLook(_("Created"), "ok", "plus-circle"),
    # Wants a look
    "assumed_paid": StateLook(_("Assumed paid"), "info", "eye"),
    "in_review": StateLook(_("In review"), "info", "eye"),
    "running": StateLook(_("Running"), "info", "arrow-path"),
    "sending": StateLook(_("Being sent"), "info", "arrow-path"),
    "issued": StateLook(_("Issued"), "info", "document-check"),
    # Soon
    "due_soon": StateLook(_("Due soon"), "warn", "clock"),
    "partial": StateLook(_("Part paid"), "warn", "receipt-percent"),
    "amount_unknown": StateLook(_("Amount not known yet"), "warn", "question-mark-circle"),
    "snoozed": StateLook(_("Snoozed"), "warn", "bell-snooze"),
    "waiting": StateLook(_("Waiting"), "warn", "clock"),
    "stale": StateLook(_("Stale"), "warn", "clock"),
    "duplicate": StateLook(_("Duplicate"), "warn", "document-duplicate"),
    "warning": StateLook(_("Warning"), "warn", "exclamation-triangle"),
    # Too late or broken
    "late": StateLook(_("Late"), "bad", "exclamation-circle"),
    "missed": StateLook(_("Missed"), "bad", "exclamation-triangle"),
    "overdue": StateLook(_("Overdue"), "bad", "exclamation-circle"),
    "failed": StateLook(_("Failed"), "bad", "exclamation-circle"),
    "error": StateLook(_("Error"), "bad", "exclamation-circle"),
    "killed": StateLook(_("Killed"), "bad", "x-circle"),
    "problem": StateLook(_("Problem"), "bad", "exclamation-circle"),
    # Calm
    "unpaid": StateLook(_("Unpaid"), "mute", "minus-circle"),
    "posted": StateLook(_("Posted"), "info", "eye"),
    "upcoming": StateLook(_("Upcoming"), "mute", "calendar"),
    "exists": StateLook(_("Already there"), "mute", "document-check"),
    "planned": StateLook(_("Planned"), "mute", "calendar"),
    "queued": StateLook(_("Queued"), "mute", "queue-list"),
    "new": StateLook(_("New"), "mute", "plus-circle"),
    "unknown": StateLook(_("Not known"), "mute", "question-mark-circle"),
    "resolved": StateLook(_("Resolved"), "ok", "check-circle"),
    "not_checked": StateLook(_("Not checked"), "mute", "question-mark-circle"),
    "draft": StateLook(_("Draft"), "draft", "pencil"),
    "open": StateLook(_("Open"), "mute", "lock-open"),
    "locked": StateLook(_("Locked"), "warn", "lock-closed"),
    "closed": StateLook(_("Closed"), "ok", "lock-closed"),
    # Out of the count
    "skipped": StateLook(_("Skipped"), "gone", "no-symbol"),
    "withdrawn": StateLook(_("Withdrawn"), "gone", "no-symbol"),
    "void": StateLook(_("Void"), "gone", "no-symbol"),
    "inactive": StateLook(_("Inactive"), "mute", "pause-circle"),
    "expired": StateLook(_("Expired"), "mute", "clock"),
    "revoked": StateLook(_("Revoked"), "gone", "no-symbol"),
}


def state_named(name: str) -> StateLook:
    """Return how that state looks; an unknown name is a programmer's error and raises KeyError."""
    return STATES[str(name)]
