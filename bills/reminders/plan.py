"""What a household's members should be told about its due dates, as of one moment; writes nothing."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from bills.models import Bill, Occurrence
from bills.reminders.stages import AHEAD, DAY, OLDEST, Stage, bill_id_of, stages, subject_of, wanted_stages
from bills.reports.due_dates import occurrences_due
from bills.reports.rows import DueRow, row_of
from bills.rules.states import OccurrenceState, settled_state
from billtracker.accounts.models import Household, User
from billtracker.core.periods import Span
from billtracker.core.settings.lead_days import LeadDays, parse_lead_days
from notifications.models import Reminder
from notifications.reports import Recipient, recipients_of

# The earth's calendars differ by a day on either side of the household's.
MARGIN = 2 * DAY


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as it stands, and its reminders while it stays unsettled."""

    row: DueRow
    stages: list[Stage]


class ReminderPlan:
    """Who is to be reminded of what in a household; its questions are answered without further queries."""

    def __init__(self, household: Household, now: dt.datetime):
        self.household = household
        self.now = now
        self.today = now.astimezone(zoneinfo.ZoneInfo(household.time_zone)).date()
        members = [] if household.is_demo else list(User.objects.filter(memberships__household=household))
        self.member_ids = {member.pk for member in members}
        found = recipients_of(members, time_zone=household.time_zone) if members else []
        self.recipients = {recipient.key: recipient for recipient in found}
        kept = ("household", "is_active", "deleted_at", "reminder_lead_days")
        self.bills = household.bills.only(*kept).in_bulk()
        self.dues = self.load() if found else {}

    def load(self) -> dict[str, Due]:
        """Return by subject what may be reminded of: due around now, or snoozed until around now."""
        leads = [days for bill in self.bills.values() for days in self.lead_days(bill) or ()]
        span = Span(self.today - OLDEST - MARGIN - DAY, self.today + AHEAD + MARGIN)
        span = Span(span.start, span.end + max(leads, default=0) * DAY)
        snoozed = Occurrence.objects.of_household(self.household).filter(
            due_date__lt=span.start, snoozed_until__gte=self.today - OLDEST - MARGIN
        )
        found = [*occurrences_due(self.household, span), *snoozed.select_related("bill").with_paid()]
        rows = [row_of(occurrence, self.household, self.today) for occurrence in found]
        return {
            subject_of(row.bill.pk, row.occurrence.scheduled_date): Due(row, self.open_stages(row))
            for row in rows
        }

    def lead_days(self, bill: Bill) -> LeadDays | None:
        return parse_lead_days(bill.reminder_lead_days or self.household.reminder_lead_days)

    def open_stages(self, row: DueRow) -> list[Stage]:
        """Return the reminders of a due date on whose day it would still be unsettled."""
        if not row.bill.is_active:
            return []
        found = stages(row.occurrence.due_date, self.lead_days(row.bill), row.occurrence.snoozed_until)
        return [stage for stage in found if self.state_on(row, stage.date) is None]

    def state_on(self, row: DueRow, day: dt.date) -> OccurrenceState | None:
        return settled_state(row.occurrence, row.paid, max(day, self.today))

    # --- who is told what --------------------------------------------------------------------------
    @cached_property
    def wanted(self) -> list[tuple[Recipient, str, Stage]]:
        """Who is to be reminded of which subject at which stage."""
        return [
            (recipient, subject, stage)
            for recipient in self.recipients.values()
            for subject, stage in self.wanted_by(recipient)
        ]

    def wanted_by(self, recipient: Recipient) -> Iterable[tuple[str, Stage]]:
        reached, today = self.last_day_reached(recipient), recipient.today(self.now)
        for subject, due in self.dues.items():
            for stage in wanted_stages(due.stages, reached=reached, today=today):
                yield subject, stage

    def last_day_reached(self, recipient: Recipient) -> dt.date:
        """Return the recipient's last local day whose hour has come."""
        today = recipient.today(self.now)
        return today if recipient.moment(today) <= self.now else today - DAY

    @cached_property
    def _keys(self) -> set[tuple]:
        return {(who.key, subject, stage.name, stage.date) for who, subject, stage in self.wanted}

    def wants(self, row: Reminder) -> bool:
        """Say whether this row of the ledger still holds."""
        return (row.recipient, row.subject, row.stage, row.date) in self._keys

    # --- why not -----------------------------------------------------------------------------------
    def why_not(self, row: Reminder) -> str:
        """Say in a few words why a planned row is no longer wanted."""
        due = self.dues.get(row.subject)
        gone = self.why_unreachable(row) or self.bill_gone(row)
        return gone or (self.not_open(row, due) if due else _("No longer due"))

    def why_unreachable(self, row: Reminder) -> str:
        if row.recipient in self.recipients:
            return ""
        if row.user_id and row.user_id not in self.member_ids:
            return _("No longer a member")
        return _("No longer reached this way")

    def bill_gone(self, row: Reminder) -> str:
        bill = self.bills.get(bill_id_of(row.subject))
        if bill is None:
            return _("The bill is gone")
        if bill.deleted_at:
            return _("The bill is in the bin")
        return "" if bill.is_active else _("The bill is paused")

    def not_open(self, row: Reminder, due: Due) -> str:
        if state := self.state_on(due.row, row.date):
            return str((OccurrenceState.PAID if state == OccurrenceState.OVERPAID else state).label)
        snoozed_until = due.row.occurrence.snoozed_until
        if snoozed_until and snoozed_until > row.date:
            return snoozed_words(snoozed_until)
        if not due.stages:
            return _("Reminders are off")
        if row.date not in {stage.date for stage in due.stages}:
            return _("Other days are set")
        is_old = row.date < self.last_day_reached(self.recipients[row.recipient]) - OLDEST
        return _("Too long ago") if is_old else _("A later one took its place")


def snoozed_words(until: dt.date) -> str:
    return _("Snoozed until %(day)s") % {"day": f"{until.day} {until:%b %Y}"}
