"""Making occurrences ahead of time, and what can be done to one of them."""

import datetime as dt
import logging
from collections.abc import Iterable

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from bills.models import Bill, Occurrence
from bills.reminders.plan import snoozed_words
from bills.reports.due_dates import cycles_kept, first_open_day, new_occurrences
from bills.reports.schedule_edits import last_day_made
from bills.rules.schedules import DAY
from bills.services.reminders import withdraw_for
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.data.bulk_writes import insert_all
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.money import MoneyError, exact
from billtracker.core.periods import Span

logger = logging.getLogger(__name__)


def make_occurrences(bills: Iterable[Bill], today: dt.date) -> int:
    """Make the rows still missing up to the horizon; call it in a transaction, bills locked.

    Safe to run twice: what is there already is left alone. Returns how many are due anew.
    """
    until = last_day_made(today)
    open_bills = [bill for bill in bills if bill.is_active and first_open_day(bill) <= until]
    kept = cycles_kept(open_bills)
    rows = [
        occurrence
        for bill in open_bills
        for occurrence in new_occurrences(bill, Span(first_open_day(bill), until + DAY), kept[bill.pk])
    ]
    insert_all(Occurrence, rows, ignore_conflicts=True)
    for bill in open_bills:
        bill.made_until = until
    Bill.objects.filter(pk__in=[bill.pk for bill in open_bills]).update(made_until=until)
    return len(rows)


@transaction.atomic
def make_due_occurrences(*, household: Household, today: dt.date | None = None) -> int:
    """Make what is missing up to the horizon for every active bill of one household.

    Returns the number of rows made; 0 when all were there. Catches up after any downtime.
    """
    today = today or household.today
    bills = household.bills.active().exclude(made_until__gte=last_day_made(today))
    return make_occurrences(list(bills.select_for_update().order_by("pk")), today)


def make_all_occurrences() -> tuple[int, int]:
    """Do the same for all households, each with its own today; returns (rows made, failures).

    One household's failure is logged and does not stop the others.
    """
    made = failed = 0
    for household in Household.objects.order_by("pk").iterator():
        try:
            made += make_due_occurrences(household=household)
        except Exception:
            logger.exception("Making occurrences failed for household %s", household.pk)
            failed += 1
    return made, failed


def lock(occurrence: Occurrence) -> Occurrence:
    """Return the occurrence as a locked row, made first if it was only computed."""
    if occurrence.pk is None:
        insert_all(Occurrence, [occurrence], ignore_conflicts=True)
    rows = Occurrence.objects.select_for_update(of=("self",)).select_related("bill__household")
    row = rows.filter(bill_id=occurrence.bill_id, scheduled_date=occurrence.scheduled_date).first()
    if row is None:
        raise DomainError(
            "The schedule of this bill changed meanwhile and the due date is gone. Nothing was changed; "
            "open the bill again."
        )
    if row.bill.deleted_at:
        raise DomainError("This bill is in the bin; restore it first. Nothing was changed.")
    return row


@transaction.atomic
def skip_occurrence(*, actor, occurrence: Occurrence) -> Occurrence:
    """Mark it as not to be paid this time. Refused while a payment settles a part of it."""
    row = lock(occurrence)
    if row.splits.live().exists():
        raise DomainError("There is a payment on it; undo the payment before you skip it.")
    if not row.is_skipped:
        row.skipped_at = timezone.now()
        row.save(update_fields=["skipped_at"])
        audit.record(actor, "occurrence.skipped", row)
        withdraw_for([row], "Skipped")
    return row


@transaction.atomic
def unskip_occurrence(*, actor, occurrence: Occurrence) -> Occurrence:
    """Take the skip back; the occurrence is as it was before."""
    row = lock(occurrence)
    if row.is_skipped:
        row.skipped_at = None
        row.save(update_fields=["skipped_at"])
        audit.record(actor, "occurrence.unskipped", row)
    return row


@transaction.atomic
def snooze_occurrence(*, actor, occurrence: Occurrence, until: dt.date | None, today: dt.date) -> Occurrence:
    """Keep it off the overdue list until that day; None ends the snooze. The totals keep it."""
    if until is not None and not today < until <= today + relativedelta(years=1):
        raise InvalidInput("Snooze until a day after today, within a year.", field="snoozed_until")
    why = snoozed_words(until) if until else "No longer snoozed"
    return change(actor, occurrence, "occurrence.snoozed", why, snoozed_until=until)


@transaction.atomic
def set_note(*, actor, occurrence: Occurrence, note: str) -> Occurrence:
    """Write the note of this occurrence; an empty one removes it."""
    return change(actor, occurrence, "occurrence.noted", note=note.strip())


@transaction.atomic
def set_other_amount(*, actor, occurrence: Occurrence, amount) -> Occurrence:
    """Set what is owed this time only; None goes back to the bill's amount."""
    if amount is not None:
        try:
            amount = exact(amount, occurrence.currency)
        except MoneyError as error:
            raise InvalidInput(str(error), field="amount") from None
        if amount < 0:
            raise InvalidInput("An amount owed cannot be below zero.", field="amount")
    why = "The amount changed"
    return change(actor, occurrence, "occurrence.amount_changed", why, override_amount=amount)


@transaction.atomic
def change_occurrence(*, actor, occurrence: Occurrence, today: dt.date, **fields) -> Occurrence:
    """Set any of ``amount``, ``note``, ``is_skipped`` and ``snoozed_until`` together, or none of them."""
    row = lock(occurrence)
    if "amount" in fields:
        row = set_other_amount(actor=actor, occurrence=row, amount=fields["amount"])
    if "note" in fields:
        row = set_note(actor=actor, occurrence=row, note=fields["note"] or "")
    if "snoozed_until" in fields:
        row = snooze_occurrence(actor=actor, occurrence=row, until=fields["snoozed_until"], today=today)
    if "is_skipped" in fields:
        row = (skip_occurrence if fields["is_skipped"] else unskip_occurrence)(actor=actor, occurrence=row)
    return row


@transaction.atomic
def report_autopay_failure(*, actor, occurrence: Occurrence, has_failed: bool = True) -> Occurrence:
    """Record that the automatic payment did not happen, so that the bill counts as unpaid again."""
    failed_at = timezone.now() if has_failed else None
    why = "Autopay failed" if has_failed else "Assumed paid"
    return change(actor, occurrence, "occurrence.autopay_failed", why, autopay_failed_at=failed_at)


def change(actor, occurrence: Occurrence, action: str, withdrawn: str = "", **fields) -> Occurrence:
    """Set fields of the locked row with an audit entry; nothing is written when all are the same.

    With ``withdrawn`` its reminders are withdrawn for that reason.
    """
    row = lock(occurrence)
    before = {name: getattr(row, name) for name in fields}
    changes = audit.changed_fields(before, fields)
    if changes:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=list(fields))
        audit.record(actor, action, row, changes)
        if withdrawn:
            withdraw_for([row], withdrawn)
    return row
