"""The reminder ledger of a bill: what is planned, was sent, failed or was withdrawn, when and for whom."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from babel.lists import format_list
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bills.models import Bill
from bills.reminders.stages import BEFORE, DUE, scheduled_date_of, subject_of, subjects_of_bill
from billtracker.accounts.models import User
from billtracker.core.settings.lead_days import parse_lead_days
from billtracker.core.templatetags.billtracker import current_locale
from notifications.models import Message, Reminder

SHOWN = 20
MAIL = Message.Via.MAIL


@dataclass(frozen=True, slots=True)
class ReminderEntry:
    """One row of the ledger as one member may see it."""

    row: Reminder
    viewer: User
    time_zone: str  # the recipient's own

    @property
    def scheduled_date(self) -> dt.date:
        return scheduled_date_of(self.row.subject)

    @property
    def at(self) -> dt.datetime:
        """The planned moment on the recipient's wall clock."""
        return self.row.due_at.astimezone(zoneinfo.ZoneInfo(self.time_zone))

    @property
    def stage(self) -> str:
        """Say when it comes, such as "3 days before"."""
        name = self.row.stage
        if name.startswith(BEFORE):
            days = int(name.removeprefix(BEFORE))
            return ngettext("%(days)d day before", "%(days)d days before", days) % {"days": days}
        return _("On the due date") if name == DUE else _("Overdue")

    @property
    def who(self) -> str:
        if self.row.user is None:
            return self.row.recipient.partition(":")[2]
        return self.row.user.get_full_name() or self.row.user.get_username()

    @property
    def via(self) -> str:
        return Message.Via.CHANNEL if ":channel:" in self.row.recipient else MAIL

    @property
    def way(self) -> str:
        """The way it goes; how somebody else named their channel is theirs to know."""
        if self.via == MAIL:
            return str(MAIL.label)
        is_own = self.row.channel is not None and self.row.user_id == self.viewer.pk
        return self.row.channel.name if is_own and self.row.channel else str(Message.Via.CHANNEL.label)

    @property
    def state(self) -> str:
        return self.row.state

    @property
    def reason(self) -> str:
        """Why it failed or was withdrawn."""
        if self.row.withdrawn_at:
            return self.row.reason
        is_over = self.state in (Message.State.FAILED, Message.State.WITHDRAWN)
        return self.row.message.reason if self.row.message and is_over else ""

    @property
    def next_try_at(self) -> dt.datetime | None:
        return self.row.message.next_try_at if self.row.message and self.state == "failed" else None

    @property
    def sent_at(self) -> dt.datetime | None:
        return self.row.message.sent_at if self.row.message else None


def rows_about(bill: Bill, scheduled_date: dt.date | None = None) -> QuerySet[Reminder]:
    """Return the ledger's rows about a bill, or about one of its due dates, the latest first."""
    rows = Reminder.objects.filter(scope=bill.audit_scope)
    if scheduled_date:
        rows = rows.filter(subject=subject_of(bill.pk, scheduled_date))
    else:
        rows = rows.filter(subject__startswith=subjects_of_bill(bill.pk))
    return rows.select_related("user__notification_preferences", "channel", "message")


def entry_of(row: Reminder, bill: Bill, viewer: User) -> ReminderEntry:
    """Return a row as ``viewer`` may see it; ``bill`` carries its household."""
    return ReminderEntry(row, viewer, _zone_of(row) or bill.household.time_zone)


def _zone_of(row: Reminder) -> str:
    try:
        return row.user.notification_preferences.time_zone if row.user else ""
    except ObjectDoesNotExist:
        return ""


def latest_entries(bill: Bill, viewer: User, scheduled_date: dt.date | None = None) -> list[ReminderEntry]:
    """Return the latest entries of a bill or of one due date, as many as a page shows."""
    return [entry_of(row, bill, viewer) for row in rows_about(bill, scheduled_date)[:SHOWN]]


def lead_words(bill: Bill) -> str:
    """Say in a sentence when members are reminded of this bill; ``bill`` carries its household."""
    days = parse_lead_days(bill.reminder_lead_days or bill.household.reminder_lead_days)
    if days is None:
        return _("Reminders are off.")
    if not days:
        return _("On the due date and the day after.")
    listed = format_list([str(day) for day in days], locale=current_locale())
    words = ngettext(
        "%(days)s day before, on the due date and the day after.",
        "%(days)s days before, on the due date and the day after.",
        max(days),
    )
    return words % {"days": listed}
