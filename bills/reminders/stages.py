"""When one is reminded of a due date: pure dates, no clock and no database.

A reminder's stage says how far its day is from the due date, so a due date and a day name it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from billtracker.core.settings.lead_days import LeadDays

DAY = dt.timedelta(days=1)
# After a long downtime nobody is told of what was to be said longer ago than this.
OLDEST = dt.timedelta(days=14)
# So far ahead reminders stand in the ledger.
AHEAD = dt.timedelta(days=7)
DUE, OVERDUE, BEFORE = "due", "overdue", "before_"
SUBJECT = "occurrence:"


@dataclass(frozen=True, slots=True, order=True)
class Stage:
    """One reminder of a due date: its day, and its name such as ``before_3``."""

    date: dt.date
    name: str


def _stage_on(day: dt.date, due_date: dt.date) -> Stage:
    """Return the stage of a reminder that comes on that day."""
    days = (due_date - day).days
    return Stage(day, f"{BEFORE}{days}" if days > 0 else (OVERDUE if days < 0 else DUE))


def stages(
    due_date: dt.date, lead_days: LeadDays | None, snoozed_until: dt.date | None = None
) -> list[Stage]:
    """Return every reminder of a due date, in order, at most one a day; none when reminders are off.

    What a snooze covers comes as one reminder on the day on which it ends.
    """
    if lead_days is None:
        return []
    days = {due_date - dt.timedelta(days=lead) for lead in lead_days} | {due_date, due_date + DAY}
    if snoozed_until is not None:
        days = {max(day, snoozed_until) for day in days}
    return [_stage_on(day, due_date) for day in sorted(days)]


def wanted_stages(all_stages: Iterable[Stage], *, reached: dt.date, today: dt.date) -> list[Stage]:
    """Return the stages to be in the ledger: the latest one reached, and those of the week ahead.

    ``reached`` is the last local day whose hour has come, ``today`` the local day. One missed
    reminder tells what is true now, not several, and not of what is older than ``OLDEST``.
    """
    ordered = sorted(all_stages)
    past = [stage for stage in ordered if reached - OLDEST <= stage.date <= reached]
    ahead = [stage for stage in ordered if reached < stage.date <= today + AHEAD]
    return past[-1:] + ahead


# --- the keys that the ledger knows due dates by -------------------------------------------------
def subject_of(bill_id: int, scheduled_date: dt.date) -> str:
    """Return the ledger's name of a due date: ``occurrence:12:2026-11-30``."""
    return f"{subjects_of_bill(bill_id)}{scheduled_date.isoformat()}"


def subjects_of_bill(bill_id: int) -> str:
    """Return how all subjects of a bill begin."""
    return f"{SUBJECT}{bill_id}:"


def bill_id_of(subject: str) -> int:
    """Return the bill of a subject made by ``subject_of``."""
    return int(subject.split(":")[1])


def scheduled_date_of(subject: str) -> dt.date:
    """Return the scheduled date of a subject made by ``subject_of``."""
    return dt.date.fromisoformat(subject.split(":")[2])
