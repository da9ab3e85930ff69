"""Plain functions that make rows for tests; each takes overrides by keyword."""

import datetime as dt
import uuid
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from banksync.models import BankAccount, BankTransaction, Connection
from billing.models import (
    Allocation,
    Client,
    Engagement,
    FeeStep,
    OfficeProfile,
    PayerGroup,
    Payment,
    Period,
    Sequence,
    Statement,
    StatementLine,
)
from bills.models import Bill, Category
from billtracker.accounts.models import Household, Membership, Role, User
from billtracker.core.models import Restoration
from billtracker.core.periods import Month
from notifications.models import Channel, Message
from opsstatus.models import JobRun, RecentError

numbers = count(1)
PASSWORD = "correct horse battery staple"


def make_user(**overrides) -> User:
    number = next(numbers)
    fields = {"username": f"user{number}", "email": f"user{number}@example.org", **overrides}
    return User.objects.create_user(password=fields.pop("password", PASSWORD), **fields)


def make_administrator(**overrides) -> User:
    return make_user(**{"is_staff": True, "is_superuser": True, **overrides})


def make_restoration(**overrides) -> Restoration:
    now = timezone.now()
    fields = {
        "token": uuid.uuid4().hex, "restored_at": now, "actor_name": "admin",
        "source": "20261101-020000-scheduled", "source_made_at": now,
        "pre_restore": "20261121-100000-pre-restore", **overrides,
    }  # fmt: skip
    return Restoration.objects.create(**fields)


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


# --- bank sync ---------------------------------------------------------------------------------
def make_connection(household: Household | None = None, **overrides) -> Connection:
    fields = {
        "name": "My banks", "host": "127.0.0.1", "minute": 10, "access_url": "https://user:password@host/path",
    }  # fmt: skip
    return Connection.objects.create(household=household or make_household(), **{**fields, **overrides})


def make_bank_account(connection: Connection | None = None, **overrides) -> BankAccount:
    fields = {"remote_id": f"account{next(numbers)}", "name": "Checking", "currency": "USD"}
    connection = connection or make_connection()
    return BankAccount.objects.create(connection=connection, **{**fields, **overrides})


def make_bank_transaction(
    account: BankAccount | None = None, amount: str = "-10.00", **overrides
) -> BankTransaction:
    fields = {
        "remote_id": f"transaction{next(numbers)}", "amount": Decimal(amount), "description": "COFFEE SHOP",
        "posted_on": dt.date(2026, 11, 20), "created_at": timezone.now(),
    }  # fmt: skip
    account = account or make_bank_account()
    return BankTransaction.objects.create(account=account, **{**fields, **overrides})


# --- billing -----------------------------------------------------------------------------------
def make_office_user(*roles: str, **overrides) -> User:
    """A user with office roles, such as ``make_office_user("Biller")``."""
    user = make_user(**overrides)
    # A test that empties the database takes along what migrations made.
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


def make_client(**overrides) -> Client:
    return Client.objects.create(**{"name": f"Client {next(numbers)}", "currency": "PHP", **overrides})


def make_payer_group(*members: Client, **overrides) -> PayerGroup:
    """A payer group of these clients."""
    group = PayerGroup.objects.create(**{"name": f"Payer group {next(numbers)}", **overrides})
    for client in members:
        client.payer_group = group
        client.save()
    return group


def make_engagement(client: Client | None = None, fee: str | None = "1000.00", **overrides) -> Engagement:
    """A monthly retainer from 1 January 2025 with one fee step; ``fee=None`` makes none."""
    fields = {"kind": "retainer", "title": "Bookkeeping", "starts_on": dt.date(2025, 1, 1), **overrides}
    engagement = Engagement.objects.create(client=client or make_client(), **fields)
    if fee is not None:
        FeeStep.objects.create(engagement=engagement, starts_on=engagement.starts_on, amount=Decimal(fee))
    return engagement


def make_draft(client: Client | None = None, amount: str = "1000.00", **overrides) -> Statement:
    """A special draft with one line."""
    client = client or make_client()
    by = overrides.pop("created_by", None) or make_office_user("Biller")
    fields = {"kind": "special", "currency": client.currency, "created_by": by, "created_at": timezone.now()}
    draft = Statement.objects.create(client=client, total=Decimal(amount), **{**fields, **overrides})
    StatementLine.objects.create(
        statement=draft, position=1, description="Audit", unit_price=Decimal(amount), amount=Decimal(amount)
    )
    return draft


def make_issued(number: int | None = None, **overrides) -> Statement:
    """An issued statement as rows only; services.issue_statement does it with all its checks."""
    draft = make_draft(**overrides)
    number, now = number or next(numbers), timezone.now()
    sequence, _ = Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})
    fields = {
        "state": "issued", "sequence": sequence, "sequence_year": 2026,
        "sequence_number": number, "number": f"SOA-2026-{number:04d}", "snapshot": {}, "issued_at": now,
        "issued_by": draft.created_by, "issue_date": dt.date(2026, 11, 1), "due_date": dt.date(2026, 11, 16),
    }  # fmt: skip
    Statement.objects.filter(pk=draft.pk).update(
        **{name: overrides.get(name, value) for name, value in fields.items()}
    )
    return Statement.objects.get(pk=draft.pk)


def make_office(**overrides) -> OfficeProfile:
    fields = {
        "name": "Reyes & Co.",
        "address": "1 Ayala Ave.\nMakati",
        "time_zone": "Asia/Manila",
        "currency": "PHP",
    }
    return OfficeProfile.objects.create(**{**fields, **overrides})


def make_payment(client: Client | None = None, amount: str = "1000.00", **overrides) -> Payment:
    """A posted payment as a row only; ``state="draft"`` makes one that does not count yet."""
    client, by, now = (
        client or make_client(),
        overrides.pop("by", None) or make_office_user("Biller"),
        timezone.now(),
    )
    fields = {
        "state": "posted", "paid_on": dt.date(2026, 11, 2), "currency": client.currency,
        "manual_number": f"OR {next(numbers)}", "recorded_by": by, "recorded_at": now,
    }  # fmt: skip
    fields |= overrides
    if fields["state"] != "draft":
        fields |= {"posted_by": by, "posted_at": now}
    return Payment.objects.create(client=client, amount=Decimal(amount), **fields)


def make_allocation(payment: Payment, statement: Statement, amount: str, **overrides) -> Allocation:
    fields = {
        "effective_on": dt.date(2026, 11, 3),
        "created_by": payment.recorded_by,
        "created_at": timezone.now(),
    }
    return Allocation.objects.create(
        payment=payment, statement=statement, amount=Decimal(amount), **{**fields, **overrides}
    )


def make_period(month: str, state: str = "locked", **overrides) -> Period:
    """A month such as "2026-09" that is locked or closed."""
    year, number = map(int, month.split("-"))
    span = Month(year, number).span
    fields = {"closing": {} if state == "closed" else None, "changed_at": timezone.now()}
    by = overrides.pop("by", None) or make_office_user("Admin")
    fields |= {
        "starts_on": span.start,
        "ends_before": span.end,
        "state": state,
        "changed_by": by,
        **overrides,
    }
    return Period.objects.create(**fields)
