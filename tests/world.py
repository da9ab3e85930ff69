"""A small world for tests that walk over addresses: one household with everything, and every role."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group

from backups import operations
from bills import services
from bills.models import Bill, Category, Payment
from billtracker.accounts.models import ApiToken, Household, Role, User
from billtracker.accounts.services import ensure_personal_household
from billtracker.accounts.sign_in.tokens import make_token
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import ImportBatch, ImportPreview
from notifications.models import Channel, Message
from opsstatus.models import RecentError
from tests.backups.made_backups import make_backup, prove
from tests.billing.world import Office, furnished_office
from tests.factories import (
    make_category,
    make_channel,
    make_household,
    make_member,
    make_message,
    make_recent_error,
    make_user,
)

DAY = dt.date(2026, 11, 15)
OFFICE_ROLES = ("Admin", "Biller", "Reviewer", "Viewer")
CSV = b"name,amount,due day\nWater,61.80,20\n"


@dataclass
class World:
    """The household's things, and a user for each role; None is a stranger."""

    household: Household
    bill: Bill
    category: Category
    payment: Payment
    preview: ImportPreview
    batch: ImportBatch
    token: ApiToken
    error: RecentError
    channel: Channel
    message: Message
    office: Office
    users: dict[str, User | None] = field(default_factory=dict)

    @property
    def occurrence_pk(self) -> int:
        return self.bill.occurrences.get(scheduled_date=DAY).pk


def make_world() -> World:
    """Build the world; call it inside a test with a database and a data directory of its own."""
    furnish_home()
    owner = make_user(username="owner")
    household = make_household(owner)
    users = {"stranger": None, "owner": owner, "outsider": make_user(username="outsider")}
    for role in (Role.EDITOR, Role.VIEWER):
        users[role.value] = make_member(household, make_user(username=role.value), role).user
    users["administrator"] = make_user(username="administrator", is_superuser=True, is_staff=True)
    for name in OFFICE_ROLES:
        users[f"office {name.lower()}"] = member = make_user(username=f"office-{name.lower()}")
        member.groups.add(Group.objects.get_or_create(name=name)[0])
    for user in filter(None, users.values()):
        ensure_personal_household(user=user)
    return furnished(owner, household, users)


def furnish_home() -> None:
    """Make the folders of a data directory, with a backup and an operation that ended."""
    for name in ("db", "backups", "media", "exports"):
        (settings.DATA_DIR / name).mkdir(mode=0o700, exist_ok=True)
    backup = prove(make_backup())
    with operations.begin("verify", "administrator") as operation:
        operation.name_backup(backup.id)


def furnished(owner: User, household: Household, users: dict) -> World:
    category = make_category(household, name="Housing")
    start = dt.date(2026, 1, 15)
    bill = Bill(
        household=household,
        name="Rent",
        category=category,
        expected_amount=Decimal("100"),
        currency="USD",
        start_date=start,
        tracked_from=start,
    )
    services.save_bill(actor=owner, bill=bill)
    chosen = bill.occurrences.get(scheduled_date=DAY)
    payment = services.record_payment(
        actor=owner, household=household, splits=[(chosen, Decimal("40"))], paid_on=DAY, currency="USD"
    )
    token, _plain = make_token(user=owner, scope="read")
    preview, applied = (make_preview(owner, household, name) for name in ("one.csv", "two.csv"))
    batch = batches.apply_preview(actor=owner, preview=applied)
    error, channel = make_recent_error(), make_channel(owner)
    message = make_message(state="failed", reason="550 No such user")
    office = furnished_office(users)
    return World(
        household, bill, category, payment, preview, batch, token, error, channel, message, office, users
    )


def make_preview(owner: User, household: Household, name: str) -> ImportPreview:
    """A file of one bill, read and checked, not applied."""
    scope = household.audit_scope
    preview = previews.upload_file(actor=owner, scope=scope, kind="bills", name=name, content=CSV)
    sheet, guessed = previews.sheet_of(preview), {"decimal_mark": "", "date_order": "", "options": {}}
    answers = columns.as_stored(handler_for("bills"), scope, sheet, **preview.answers, **guessed)
    previews.check_with(preview=preview, answers=answers)
    preview.refresh_from_db()
    return preview
