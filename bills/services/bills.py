"""Making, changing, pausing and deleting bills and categories."""

import datetime as dt
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone

from bills.models import Bill, Category
from bills.reports.schedule_edits import OF_DATES, PastChoice, changes_dates, plan_schedule_edit
from bills.rules.schedules import rule_of, scheduled_dates
from bills.services.deletion import set_deleted
from bills.services.occurrences import make_occurrences
from bills.services.reminders import withdraw_for_bill
from bills.services.schedule_edits import apply_schedule_edit
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.money import MoneyError
from billtracker.core.periods import Span
from billtracker.core.text import clean, one_line

# A change of one of these changes what future occurrences look like.
OF_THE_SCHEDULE = OF_DATES | {"expected_amount", "currency", "is_autopay", "is_active"}
# So many due dates before today one bill may have: nearly 20 years of weeks.
MOST_PAST_DATES = 1000


def facts(bill: Bill) -> dict:
    """Return the fields of a bill that the audit log follows."""
    return {field.name: getattr(bill, field.attname) for field in Bill.own_fields()}


def check(bill: Bill) -> None:
    """Refuse a bill whose category is another household's."""
    if bill.category and bill.category.household_id != bill.household_id:
        raise InvalidInput("There is no such category in this household.", field="category")


@transaction.atomic
def save_bill(*, actor, bill: Bill, today: dt.date | None = None, past: str = PastChoice.KEEP) -> Bill:
    """Create or change a bill and make its occurrences.

    A change acts on cycles (``reports/schedule_edits.py``): what somebody touched stays, what nobody
    touched follows from ``today`` on, the household's date. ``past`` says what becomes of unpaid due
    dates before it.
    """
    today = today or bill.household.today
    check(bill)
    try:
        return create(actor, bill, today) if bill.pk is None else update(actor, bill, today, past)
    except MoneyError as error:
        raise InvalidInput(str(error), field="expected_amount") from None


def create(actor, bill: Bill, today: dt.date) -> Bill:
    _check_past_dates(bill, today)
    bill.save(force_insert=True)
    audit.record(actor, "bill.created", bill, {name: [None, value] for name, value in facts(bill).items()})
    make_occurrences([bill], today)
    return bill


def update(actor, bill: Bill, today: dt.date, past: str) -> Bill:
    old = Bill.objects.live().select_for_update().filter(pk=bill.pk).first()
    if old is None:
        raise DomainError("This bill was deleted meanwhile; restore it from the bin first.")
    changes = audit.changed_fields(facts(old), facts(bill))
    if not changes:
        return bill
    if changes_dates(old, bill):
        _check_past_dates(bill, today)
    # What came due under the old rule stays owed, even if the worker stood still meanwhile.
    make_occurrences([old], today)
    # The worker moves this mark on its own; a form filled in earlier must not move it back.
    bill.made_until = old.made_until
    bill.save()
    audit.record(actor, "bill.changed", bill, changes)
    if OF_THE_SCHEDULE & changes.keys():
        # Nobody pays a date while it is moved.
        list(bill.occurrences.select_for_update().order_by("pk").values_list("pk", flat=True))
        apply_schedule_edit(actor, bill, plan_schedule_edit(old, bill, today, past), today)
        withdraw_for_bill(bill, "The bill changed" if bill.is_active else "The bill is paused")
    return bill


def _check_past_dates(bill: Bill, today: dt.date) -> None:
    """Refuse a schedule that makes more due dates before today than anybody can look through."""
    dates = scheduled_dates(rule_of(bill), Span(min(bill.tracked_from, today), today))
    if sum(1 for _ in islice(dates, MOST_PAST_DATES + 1)) > MOST_PAST_DATES:
        raise InvalidInput(
            f"This schedule makes more than {MOST_PAST_DATES:,} due dates before today. "
            "Nothing was saved. Choose a later day from which due dates are tracked.",
            field="tracked_from",
        )


def deactivate_bill(*, actor, bill: Bill, today: dt.date | None = None) -> Bill:
    """Hide a bill from today on; its past and everything somebody touched stays."""
    bill.is_active = False
    return save_bill(actor=actor, bill=bill, today=today)


def activate_bill(*, actor, bill: Bill, today: dt.date | None = None) -> Bill:
    """Make a bill's occurrences again from today on; the pause stays empty."""
    bill.is_active = True
    return save_bill(actor=actor, bill=bill, today=today)


@transaction.atomic
def delete_bill(*, actor, bill: Bill) -> bool:
    """Put a bill with all its occurrences in the bin for 30 days; False if it was there already."""
    is_moved = set_deleted(actor, bill, "bill.deleted", deleted_at=timezone.now())
    withdraw_for_bill(bill, "The bill is in the bin")
    return is_moved


@transaction.atomic
def restore_bill(*, actor, bill: Bill) -> bool:
    """Take a bill out of the bin as it was, and make what came due meanwhile."""
    if not set_deleted(actor, bill, "bill.restored", deleted_at=None):
        return False
    locked = Bill.objects.select_for_update().get(pk=bill.pk)
    if locked.category and locked.category.deleted_at:
        restore_category(actor=actor, category=locked.category)
    make_occurrences([locked], bill.household.today)
    return True


@transaction.atomic
def save_category(*, actor, category: Category) -> Category:
    """Create or rename a category. A name that is taken, in any capitals, is refused."""
    is_new = category.pk is None
    category.name = one_line(clean(category.name))
    if not category.name:
        raise InvalidInput("Enter a name for the category.", field="name")
    try:
        with transaction.atomic():
            category.save()
    except IntegrityError:
        raise DomainError(f"There is already a category “{category.name}”.", field="name") from None
    audit.record(actor, "category.created" if is_new else "category.changed", category)
    return category


@transaction.atomic
def delete_category(*, actor, category: Category) -> bool:
    """Put a category in the bin; its bills keep it until it is purged, and show none meanwhile."""
    return set_deleted(actor, category, "category.deleted", deleted_at=timezone.now())


@transaction.atomic
def restore_category(*, actor, category: Category) -> bool:
    """Take a category out of the bin; refused when its name was given away meanwhile."""
    try:
        with transaction.atomic():
            return set_deleted(actor, category, "category.restored", deleted_at=None)
    except IntegrityError:
        raise DomainError(
            f"There is another category “{category.name}” now; rename that one first."
        ) from None
