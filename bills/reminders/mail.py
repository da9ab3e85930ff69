"""The words of a reminder: one due date, or several in one message."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bills.reminders.plan import ReminderPlan
from bills.reports.rows import DueRow
from billtracker.core.templatetags.billtracker import current_locale, money, relative_words
from billtracker.core.web.addresses import absolute_url
from notifications.transport.plain_text import one_line

NAME_LENGTH = 120
# A message that names more than this is no reminder; the rest is counted.
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class ReminderMail:
    """What is sent: one subject, the same in plain text and in HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One due date as the message tells it, on the recipient's own day."""

    row: DueRow
    today: dt.date

    @property
    def name(self) -> str:
        return one_line(self.row.bill.name, NAME_LENGTH)

    @property
    def days(self) -> int:
        """Days until it is due; below zero it is overdue."""
        return (self.row.occurrence.due_date - self.today).days

    @property
    def when(self) -> str:
        """Is due tomorrow, was due 2 days ago."""
        words = relative_words(self.days)
        return (_("was due %(when)s") if self.days < 0 else _("is due %(when)s")) % {"when": words}

    @property
    def day(self) -> str:
        return format_date(self.row.occurrence.due_date, "EEE d MMM y", locale=current_locale())

    @property
    def amount(self) -> str:
        """What is left to pay, and of how much where a part is paid."""
        if self.row.is_unknown:
            return _("amount not known yet")
        left = money(self.row.left, self.row.currency)
        if not self.row.paid:
            return left
        owed = money(self.row.owed, self.row.currency)
        return _("%(left)s left of %(owed)s") % {"left": left, "owed": owed}

    @property
    def is_autopay(self) -> bool:
        """Whether nothing is to be done but to have the money there."""
        occurrence = self.row.occurrence
        return occurrence.is_autopay and occurrence.autopay_failed_at is None

    @property
    def url(self) -> str:
        place = [self.row.bill.pk, self.row.occurrence.scheduled_date]
        return absolute_url(reverse("bills:occurrence", args=place))


def compose_mail(outlook: ReminderPlan, recipient: str, rows: Sequence[DueRow]) -> ReminderMail:
    """Return the message that tells a recipient of these due dates; the longest overdue come first."""
    today = outlook.recipients[recipient].today(outlook.now)
    ordered = sorted(rows, key=lambda row: (row.occurrence.due_date, row.bill.name.casefold(), row.bill.pk))
    lines = [ReminderLine(row, today) for row in ordered]
    subject = _subject_for(lines)
    context = {
        "why": _why_told(outlook, recipient),
        "groups": _group_lines(lines[:MOST_LINES]),
        "more": max(0, len(lines) - MOST_LINES),
        "only": lines[0] if len(lines) == 1 else None,
        "subject": subject,
        "tracker_url": absolute_url(reverse("bills:tracker")),
    }
    return ReminderMail(
        subject,
        render_to_string("bills/mail/reminder.txt", context).strip() + "\n",
        render_to_string("bills/mail/reminder.html", context),
    )


def _why_told(outlook: ReminderPlan, recipient: str) -> str:
    """Say why this reaches the recipient."""
    household = {"household": one_line(outlook.household.name, NAME_LENGTH)}
    if outlook.recipients[recipient].user_id:
        return _("You get this because you are a member of “%(household)s”.") % household
    return _("Reminders of “%(household)s” go to this address; an administrator chose it.") % household


def _subject_for(lines: Sequence[ReminderLine]) -> str:
    if len(lines) == 1:
        return f"{lines[0].name} {lines[0].when}"
    words = ngettext("%(count)d bill needs you", "%(count)d bills need you", len(lines))
    return words % {"count": len(lines)}


def _group_lines(lines: Sequence[ReminderLine]) -> list[tuple[str, list[ReminderLine]]]:
    """Return the lines under the heads overdue, today and ahead; empty heads are left out."""
    groups = [
        (_("Overdue"), [line for line in lines if line.days < 0]),
        (_("Today"), [line for line in lines if line.days == 0]),
        (_("Ahead"), [line for line in lines if line.days > 0]),
    ]
    return [(head, found) for head, found in groups if found]
