"""The shapes of the months of the books in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema
from pydantic import AwareDatetime

from billing.models import Period, PeriodException
from billtracker.core.web.api import InSchema, Word


class LockIn(InSchema):
    reason: str = Field("", max_length=500)


class ReopenIn(InSchema):
    """Why a month is opened again."""

    reason: str = Field(max_length=500)


class CloseIn(InSchema):
    """Which warnings of the checklist are skipped, and why."""

    skipped: list[Word] = Field([], max_length=50)
    reason: str = Field("", max_length=500)


class ExceptionIn(InSchema):
    """Leave for one person; ``until`` is within 31 days, with its offset from UTC."""

    user: Word = Field(description="The user name.")
    until: AwareDatetime
    reason: str = Field(max_length=500)


class ExceptionOut(Schema):
    """Leave for one person to work in a locked month until an instant."""

    id: int
    user: str
    until: dt.datetime
    reason: str
    granted_by: str
    granted_at: dt.datetime
    ended_at: dt.datetime | None


class BooksPeriodOut(Schema):
    """A month that is or was locked or closed; a month that is not in the list is open."""

    month: str = Field(description="Such as 2026-11.")
    state: Literal["open", "locked", "closed"]
    changed_by: str | None
    changed_at: dt.datetime | None
    closing: dict | None = Field(description="The control totals of a closed month.")
    exceptions: list[ExceptionOut]


def show_period(period: Period) -> dict:
    """Give a month with its prefetched exceptions; one that has no row yet is open."""
    is_kept = period.pk is not None
    return {
        "month": str(period),
        "state": period.state,
        "changed_by": period.changed_by.get_username() if is_kept else None,
        "changed_at": period.changed_at,
        "closing": period.closing,
        "exceptions": [_show_exception(one) for one in period.exceptions.all()] if is_kept else [],
    }


def _show_exception(leave: PeriodException) -> dict:
    names = ("until", "reason", "granted_at", "ended_at")
    return {name: getattr(leave, name) for name in names} | {
        "id": leave.pk,
        "user": leave.user.get_username(),
        "granted_by": leave.granted_by.get_username(),
    }
