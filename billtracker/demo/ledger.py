"""The reminder ledger of the demo household: what it would have been told; nothing of it ever goes out."""

import datetime as dt
import uuid
import zoneinfo

from bills.models import Occurrence
from bills.reminders.stages import AHEAD, OLDEST, OVERDUE, Stage, stages, subject_of
from billtracker.accounts.models import Household, User
from billtracker.core.periods import Span
from billtracker.core.settings.lead_days import parse_lead_days
from notifications.models import Message, Reminder

HOUR = dt.time(8)
UNANSWERED = "The mail server did not answer within 15 seconds."


def fill_ledger(user: User, household: Household) -> None:
    """Write the reminders of the due dates around today as if they had been planned and sent.

    Sent and failed ones are not tried again; planned ones stay so, because nothing is planned or
    posted for demo households.
    """
    around = Span(household.today - OLDEST, household.today + AHEAD)
    due = Occurrence.objects.of_household(household).due_in(around).filter(is_autopay=False)
    for occurrence in due.with_paid().prefetch_related("splits__payment"):
        for stage in stages(occurrence.due_date, parse_lead_days(household.reminder_lead_days)):
            if stage.date <= around.last_day:
                _write(user, household, occurrence, stage)


def _write(user: User, household: Household, occurrence: Occurrence, stage: Stage) -> None:
    """Write one row: withdrawn from the day of the payment on, before it sent, or planned ahead."""
    at = dt.datetime.combine(stage.date, HOUR, zoneinfo.ZoneInfo(household.time_zone))
    paid_on = min((split.payment.paid_on for split in occurrence.splits.all()), default=None)
    row = Reminder(
        recipient=f"user:{user.pk}:mail",
        user=user,
        scope=household.audit_scope,
        stage=stage.name,
        subject=subject_of(occurrence.bill_id, occurrence.scheduled_date),
        date=stage.date,
        due_at=at,
    )
    if paid_on and paid_on <= stage.date:
        row.withdrawn_at, row.reason = min(at, _household_noon(household, paid_on)), "Paid"
    elif stage.date < household.today:
        row.message = message(user, occurrence, at, is_failed=stage.name == OVERDUE)
    row.save()


def _household_noon(household: Household, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), zoneinfo.ZoneInfo(household.time_zone))


def message(user: User, occurrence: Occurrence, at: dt.datetime, *, is_failed: bool) -> Message:
    """Write a message that is over: sent, or failed for good."""
    over = {"state": Message.State.SENT, "sent_at": at}
    if is_failed:
        over = {"state": Message.State.FAILED, "reason": UNANSWERED}
    return Message.objects.create(
        kind=Message.DEMO,
        user=user,
        address=user.email,
        message_id=f"<{uuid.uuid4().hex}@demo.invalid>",
        subject=str(occurrence.bill),
        text="Demo data; never sent.",
        created_at=at,
        tries_count=1,
        **over,
    )


def clear_ledger(household: Household) -> None:
    """Remove what ``fill_ledger`` wrote."""
    rows = Reminder.objects.filter(scope=household.audit_scope)
    Message.objects.filter(kind=Message.DEMO, reminders__in=rows).delete()
    rows.delete()
