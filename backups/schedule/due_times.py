"""When a scheduled backup and the weekly proof are due, from the settings and the server's clock alone."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings

from billtracker.core.settings import runtime_settings

SUNDAY = 6
TRIED_AGAIN = dt.timedelta(hours=1)  # after a failure
PROOF_TIME = "04:30"  # on Sundays; later than most backups are made


def last_due(schedule: str, time: str, now: dt.datetime) -> dt.datetime | None:
    """Return the newest instant up to ``now`` at which a backup was to be made; None with no schedule.

    A time that the change of clocks leaves out counts an hour later.
    """
    if schedule == "off":
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    days = (today - dt.timedelta(days=back) for back in range(8))
    instants = (
        dt.datetime.combine(day, dt.time.fromisoformat(time), zone).astimezone(dt.UTC)
        for day in days
        if schedule == "daily" or day.weekday() == SUNDAY
    )
    return next(instant for instant in instants if instant <= now)


def backup_due(now: dt.datetime) -> dt.datetime | None:
    """Return the last instant of the schedule in the settings."""
    return last_due(runtime_settings.get("backup_schedule"), runtime_settings.get("backup_time"), now)


def proof_due(now: dt.datetime) -> dt.datetime:
    """Return the last instant of the weekly proof, which needs no setting."""
    due = last_due("weekly", PROOF_TIME, now)
    assert due is not None  # noqa: S101 weekly is a schedule
    return due
