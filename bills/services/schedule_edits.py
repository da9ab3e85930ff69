"""Letting a bill's due dates follow a change of its schedule."""

import datetime as dt

from bills.models import Bill, Occurrence, Payment
from bills.reports.schedule_edits import ScheduleEdit, last_day_made
from bills.rules.schedules import DAY
from billtracker.core import audit
from billtracker.core.data.bulk_writes import insert_all

FOLLOWING = (
    "scheduled_date", "cycle_start", "cycle_end", "due_date", "expected_amount", "currency", "is_autopay",
)  # fmt: skip


def apply_schedule_edit(actor, bill: Bill, edit: ScheduleEdit, today: dt.date) -> None:
    """Write the change that was planned; call it in the transaction that holds the bill's lock.

    Undone payments of a date that goes are removed for good: nothing is left that they could pay.
    """
    going = [row.pk for row in edit.go]
    for payment in Payment.objects.in_bin().filter(splits__occurrence__in=going).distinct():
        audit.record(actor, "payment.purged", payment, reason="The due date it paid is gone.")
        payment.delete()
    Occurrence.objects.filter(pk__in=going).delete()
    _move(edit)
    insert_all(Occurrence, edit.appear, ignore_conflicts=True)
    bill.made_until = last_day_made(today) if bill.is_active else today - DAY
    bill.save(update_fields=["made_until"])


def _move(edit: ScheduleEdit) -> None:
    """Write what follows, in one statement where dates stay; no date may be taken for a moment."""
    stay: list[Occurrence] = []
    later: list[Occurrence] = []
    earlier: list[Occurrence] = []
    for row, new in edit.follow:
        is_moved, is_later = row.scheduled_date != new.scheduled_date, row.scheduled_date < new.scheduled_date
        (later if is_later else earlier if is_moved else stay).append(row)
        for name in FOLLOWING:
            setattr(row, name, getattr(new, name))
    Occurrence.objects.bulk_update(stay, FOLLOWING)
    for row in (*reversed(later), *earlier):
        row.save(update_fields=FOLLOWING)
