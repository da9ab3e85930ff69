"""Plain functions that make rows for tests; each takes overrides by keyword."""

import datetime as dt
from decimal import Decimal
from itertools import count

from django.utils import timezone

from bills.models import Bill, Category
from billtracker.accounts.models import Household, Membership, Role, User
from notifications.models import Channel, Message
from opsstatus.models import JobRun, RecentError

numbers = count(1)
PASSWORD = "correct horse battery staple"


def make_user(**overrides) -> User:
    number = next(numbers)
    fields = {"username": f"user{number}", "email": f"user{number}@example.org", **overrides}
    return User.objects.create_user(password=fields.pop("password", PASSWORD), **fields)


def make_household(owner: User | None = None, **overrides) -> Household:
    household = Household.objects.create(**{"name": f"Household {next(numbers)}", **overrides})
    if owner:
        make_member(household, owner, Role.OWNER)
    return household


def make_member(household: Household, user: User | None = None, role: str = Role.EDITOR) -> Membership:
    return Membership.objects.create(household=household, user=user or make_user(), role=role)


def make_category(household: Household, **overrides) -> Category:
    return Category.objects.create(household=household, **{"name": f"Category {next(numbers)}", **overrides})


def make_bill(household: Household, **overrides) -> Bill:
    """A bill as a row only; services.save_bill makes its occurrences."""
    start = overrides.pop("start_date", dt.date(2026, 1, 1))
    fields = {
        "name": f"Bill {next(numbers)}",
        "expected_amount": Decimal("100.00"),
        "currency": household.currency,
        "start_date": start,
        "tracked_from": start,
    }
    return Bill.objects.create(household=household, **{**fields, **overrides})


def make_job_run(**overrides) -> JobRun:
    """A run that came through now, in one second."""
    end = overrides.pop("ended_at", timezone.now())
    start = overrides.pop("started_at", (end or timezone.now()) - dt.timedelta(seconds=1))
    number = next(numbers)
    fields = {"task_id": f"task{number}", "name": "bills.tasks.make_occurrences", "state": "done"}
    return JobRun.objects.create(queued_at=start, started_at=start, ended_at=end, **{**fields, **overrides})


def make_recent_error(**overrides) -> RecentError:
    now = timezone.now()
    fields = {"fingerprint": f"{next(numbers):064}", "kind": "ValueError", "first_seen_at": now}
    place = "bills.services.bills.save_bill, line 12"
    return RecentError.objects.create(**{**fields, "last_seen_at": now, "place": place, **overrides})


def make_channel(user: User, **overrides) -> Channel:
    address = "ntfys://ntfy.example.org/topic"
    return Channel.objects.create(
        user=user, **{"name": "ntfy on my phone", "service": "ntfy", "address": address, **overrides}
    )


def make_message(**overrides) -> Message:
    """A message that waits, due now."""
    now, number = timezone.now(), next(numbers)
    fields = {
        "kind": "reminder", "address": f"reader{number}@example.org", "subject": "Rent is due tomorrow",
        "text": "Rent, 100.00 USD", "message_id": f"<{number}@example.org>", "created_at": now,
        "next_try_at": now,
    }  # fmt: skip
    return Message.objects.create(**{**fields, **overrides})
