"""Planning, withdrawing and taking up reminders: rows of a ledger, each of which exists once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billtracker.core.data.bulk_writes import insert_all
from notifications.models import Message, Reminder
from notifications.reports import Recipient

# A local day's hour lies at most this far from midnight UTC of that date.
AROUND = dt.timedelta(days=2)
Key = tuple[str, str, str, dt.date]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is to be reminded of: the subject, at a stage, on the recipient's local date."""

    recipient: Recipient
    subject: str
    stage: str
    date: dt.date

    @property
    def key(self) -> Key:
        return self.recipient.key, self.subject, self.stage, self.date

    def as_row(self, scope: str) -> Reminder:
        who = self.recipient
        return Reminder(
            recipient=who.key,
            user_id=who.user_id,
            channel_id=who.channel_id,
            scope=scope,
            subject=self.subject,
            stage=self.stage,
            date=self.date,
            due_at=who.moment(self.date),
        )


@dataclass(frozen=True, slots=True)
class PlanResult:
    """How many reminders were planned anew, and how many withdrawn."""

    planned: int
    withdrawn: int


def _key_of(row: Reminder) -> Key:
    return row.recipient, row.subject, row.stage, row.date


# --- planning ----------------------------------------------------------------------------------
@transaction.atomic
def plan_reminders(
    *, scope: str, wanted: Sequence[Wanted], why_not: Callable[[Reminder], str], now: dt.datetime
) -> PlanResult:
    """Make what is planned in the scope equal to ``wanted``; what is in a message stays as it is.

    Planned reminders that are no longer wanted are withdrawn with the reason that ``why_not`` gives
    for each; withdrawn ones that are wanted again are planned again. Safe in several processes at
    once; the number of queries grows with the number of different reasons alone.
    """
    asked = {one.key: one for one in wanted}
    known = {_key_of(row): row for row in _rows_to_compare(scope, asked.values())}
    missing = [one.as_row(scope) for key, one in asked.items() if key not in known]
    insert_all(Reminder, missing, ignore_conflicts=True)
    again = _plan_again([row for key, row in known.items() if key in asked and row.withdrawn_at])
    _correct_moments(known, asked)
    unwanted = [row for key, row in known.items() if key not in asked and row.is_planned]
    return PlanResult(len(missing) + again, _withdraw_with_reasons(unwanted, why_not, now))


def _rows_to_compare(scope: str, wanted: Iterable[Wanted]) -> list[Reminder]:
    """Return, locked, what is planned in the scope and whatever is known of the dates that are wanted."""
    relevant = Q(message=None, withdrawn_at=None)
    if first := min((one.date for one in wanted), default=None):
        relevant |= Q(due_at__gte=dt.datetime.combine(first, dt.time(), dt.UTC) - AROUND)
    # In one order everywhere, so that two who lock the same rows wait instead of blocking each other.
    return list(Reminder.objects.filter(relevant, scope=scope).order_by("pk").select_for_update())


def _plan_again(rows: Sequence[Reminder]) -> int:
    withdrawn = Reminder.objects.filter(pk__in=[row.pk for row in rows], message=None)
    return withdrawn.exclude(withdrawn_at=None).update(withdrawn_at=None, reason="") if rows else 0


def _correct_moments(known: dict[Key, Reminder], asked: dict[Key, Wanted]) -> None:
    """Move those not yet in a message to another instant, where the hour or the time zone changed."""
    moved = []
    for key, row in known.items():
        if row.message_id is None and key in asked:
            due_at = asked[key].recipient.moment(row.date)
            if row.due_at != due_at:
                row.due_at = due_at
                moved.append(row)
    Reminder.objects.bulk_update(moved, ["due_at"])


def _withdraw_with_reasons(
    rows: Iterable[Reminder], why_not: Callable[[Reminder], str], now: dt.datetime
) -> int:
    by_reason = defaultdict(list)
    for row in rows:
        by_reason[why_not(row)].append(row.pk)
    return sum(
        Reminder.objects.planned().filter(pk__in=keys).update(withdrawn_at=now, reason=reason[:200])
        for reason, keys in by_reason.items()
    )


# --- withdrawing -------------------------------------------------------------------------------
@transaction.atomic
def withdraw_reminders(*, subjects: Iterable[str], reason: str, now: dt.datetime | None = None) -> int:
    """Withdraw what was going to be said of these subjects; returns how many reminders.

    Planned ones, and those in messages that nobody is sending yet. What else stood in such a
    message is planned again, to go into another one. What was sent, or is being sent, stays.
    """
    subjects, withdrawn = list(subjects), {"withdrawn_at": now or timezone.now(), "reason": reason[:200]}
    about = Reminder.objects.about(*subjects)
    planned = list(about.planned().order_by("pk").select_for_update().values_list("pk", flat=True))
    count = Reminder.objects.planned().filter(pk__in=planned).update(**withdrawn)
    taken_back = take_back_messages(about, reason)
    parts = Reminder.objects.filter(message__in=taken_back)
    count += parts.about(*subjects).update(message=None, **withdrawn)
    parts.update(message=None)
    return count


def forget_reminders(*, subjects: Iterable[str]) -> int:
    """Remove what the ledger says of subjects that exist no more; returns how many rows.

    What a message told stays until the message goes.
    """
    return Reminder.objects.filter(subject__in=list(subjects), message=None).delete()[0]


def take_back_messages(reminders, reason: str) -> list[int]:
    """Withdraw the messages these reminders are in, as far as nobody is sending them; return which."""
    messages = Message.objects.filter(pk__in=reminders.exclude(message=None).values("message"))
    # Locked first: whoever wants to send one of them waits, and then finds it withdrawn.
    taken = list(messages.untouched().order_by("pk").select_for_update().values_list("pk", flat=True))
    Message.objects.filter(pk__in=taken).withdraw(reason)
    return taken


# --- taking up ---------------------------------------------------------------------------------
def due_reminders(*, now: dt.datetime) -> list[tuple[str, str]]:
    """Return the pairs (scope, recipient) for which a planned reminder's moment has come; writes nothing."""
    due = Reminder.objects.planned().filter(due_at__lte=now)
    return list(due.order_by("scope", "recipient").values_list("scope", "recipient").distinct())


def lock_due(*, scope: str, recipient: str, now: dt.datetime) -> list[Reminder]:
    """Return one recipient's due reminders of the scope, theirs who locks them; call it in a transaction.

    Those that another process holds are left to it.
    """
    due = Reminder.objects.planned().filter(scope=scope, recipient=recipient, due_at__lte=now)
    due = due.select_related("user", "channel").order_by("date", "subject", "pk")
    return list(due.select_for_update(skip_locked=True, of=("self",)))
