"""Reminders of a bill in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from bills.reminders.log import ReminderEntry


class ReminderOut(Schema):
    """One reminder of a due date to one recipient; ``at`` is on the recipient's wall clock."""

    scheduled_date: dt.date
    stage: str = Field(description="before_N (days), due or overdue.")
    at: dt.datetime
    recipient: str
    via: Literal["mail", "channel"]
    state: Literal["planned", "sent", "failed", "withdrawn"]
    reason: str
    next_try_at: dt.datetime | None
    sent_at: dt.datetime | None


def show_reminder(entry: ReminderEntry) -> dict:
    names = ("scheduled_date", "at", "via", "state", "reason", "next_try_at", "sent_at")
    return {name: getattr(entry, name) for name in names} | {
        "stage": entry.row.stage, "recipient": entry.who,
    }  # fmt: skip
