"""Reminders of due dates: planned ahead, posted when their hour has come, taken back when settled."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from bills.models import Bill, Occurrence
from bills.reminders.mail import compose_mail
from bills.reminders.plan import ReminderPlan
from bills.reminders.stages import subject_of, subjects_of_bill
from billtracker.accounts.models import Household
from notifications.models import Message, Reminder
from notifications.services import (
    PlanResult,
    Wanted,
    due_reminders,
    lock_due,
    plan_reminders,
    post_reminders,
    withdraw_reminders,
)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ReminderRun:
    """What one run did: rows of the ledger, messages in the outbox, households and recipients that failed."""

    planned: int = 0
    withdrawn: int = 0
    posted: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"Planned {self.planned} reminders, withdrew {self.withdrawn}, posted {self.posted} messages."


# --- planning and posting ----------------------------------------------------------------------
def plan_household_reminders(*, household: Household, now: dt.datetime) -> PlanResult:
    """Make the ledger of a household say what its members should be told, as of ``now``.

    Missing rows are planned, planned ones no longer wanted are withdrawn with the reason. Safe to
    run twice and in two processes; a constant number of queries.
    """
    outlook = ReminderPlan(household, now)
    wanted = [
        Wanted(recipient=recipient, subject=subject, stage=stage.name, date=stage.date)
        for recipient, subject, stage in outlook.wanted
    ]
    return plan_reminders(scope=household.audit_scope, wanted=wanted, why_not=outlook.why_not, now=now)


def _plan_all_reminders(*, now: dt.datetime, run: ReminderRun) -> list[Household]:
    """Plan for every household but demo ones; returns those that came through.

    One household's failure is logged and counted and does not stop the others.
    """
    done = []
    for household in Household.objects.filter(is_demo=False).order_by("pk").iterator():
        try:
            result = plan_household_reminders(household=household, now=now)
        except Exception:
            logger.exception("Planning reminders failed for household %s", household.pk)
            run.failed += 1
        else:
            run.planned += result.planned
            run.withdrawn += result.withdrawn
            done.append(household)
    return done


def _send_due_reminders(*, now: dt.datetime, households: Iterable[Household], run: ReminderRun) -> None:
    """Put what is due into one message for each recipient and household; failures are logged and counted."""
    due = defaultdict(list)
    for scope, recipient in due_reminders(now=now):
        due[scope].append(recipient)
    for household in households:
        for recipient in due[household.audit_scope]:
            try:
                run.posted += post_due(household=household, recipient=recipient, now=now) is not None
            except Exception:
                logger.exception("Posting reminders failed for household %s", household.pk)
                run.failed += 1


def post_due(*, household: Household, recipient: str, now: dt.datetime) -> Message | None:
    """Post one message with everything a recipient is due to hear of a household; None for nothing.

    Everything is read again under the rows' locks: what was settled, or whose member left, since
    it was planned is not told; the next planning withdraws it.
    """
    with transaction.atomic():
        rows = lock_due(scope=household.audit_scope, recipient=recipient, now=now)
        outlook = ReminderPlan(household, now)
        told = [row for row in rows if outlook.wants(row)]
        if not told:
            return None
        letter = compose_mail(outlook, recipient, [outlook.dues[row.subject].row for row in told])
        return post_reminders(reminders=told, subject=letter.subject, text=letter.text, html=letter.html)


def remind_everyone(*, now: dt.datetime) -> ReminderRun:
    """Plan and post for all households, with one ``now`` from start to end.

    A household whose planning failed gets nothing posted: its ledger may be out of date.
    """
    run = ReminderRun()
    households = _plan_all_reminders(now=now, run=run)
    _send_due_reminders(now=now, households=households, run=run)
    return run


# --- taking back -------------------------------------------------------------------------------
def withdraw_for(occurrences: Iterable[Occurrence], reason: str) -> None:
    """Take back what is planned or on its way about these, in the caller's transaction.

    The next run plans again what is still wanted, with the amounts of then; what was sent is never
    sent again.
    """
    subjects = [subject_of(row.bill_id, row.scheduled_date) for row in occurrences]
    if subjects:
        withdraw_reminders(subjects=subjects, reason=reason)


def withdraw_for_bill(bill: Bill, reason: str) -> None:
    """The same for everything about a bill."""
    rows = Reminder.objects.filter(
        scope=bill.audit_scope, subject__startswith=subjects_of_bill(bill.pk), withdrawn_at=None
    )
    if subjects := list(rows.order_by().values_list("subject", flat=True).distinct()):
        withdraw_reminders(subjects=subjects, reason=reason)


def withdraw_after_payment(occurrence_ids: Iterable[int]) -> None:
    """The same for occurrences on which a payment was recorded; what is left of the others is told anew."""
    rows = list(Occurrence.objects.filter(pk__in=list(occurrence_ids)).with_paid())
    withdraw_for([row for row in rows if row.paid >= row.owed], "Paid")
    withdraw_for([row for row in rows if row.paid < row.owed], "Part paid")
