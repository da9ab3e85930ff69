"""Months of the books: locked, closed and opened again; and the check that keeps events out of shut ones."""

import datetime as dt

from django.utils import timezone

from billing.models import Period
from billtracker.core import audit
from billtracker.core.exceptions import DomainError

State = Period.State


def require_open(*, actor, day: dt.date, doing: str) -> None:
    """Refuse an event dated into a closed month, or into a locked one without leave.

    Call it in the transaction that writes the event, after locking its rows: it takes the office's
    audit chain, so that no month is shut between this check and the commit. Each use of a leave is
    recorded. The database refuses the same again, for whoever comes another way.
    """
    audit.lock_chain(audit.OFFICE)
    if shut_by := Period.objects.filter(state=State.CLOSED, ends_before__gt=day).first():
        raise DomainError(
            f"{day:%B %Y} is closed (the books are closed up to {shut_by.starts_on:%B %Y}); {doing} is dated"
            f" {day.isoformat()}. Nothing was changed.",
            code="period_closed",
        )
    locked = Period.objects.filter(state=State.LOCKED, starts_on__lte=day, ends_before__gt=day).first()
    if locked is None:
        return
    leave = locked.exceptions.filter(user=actor, until__gt=timezone.now(), ended_at=None).first()
    if leave is None:
        raise DomainError(
            f"{day:%B %Y} is locked; {doing} is dated {day.isoformat()}. Ask an Admin for an exception."
            " Nothing was changed.",
            code="period_locked",
        )
    audit.record(actor, "period.exception_used", leave, {"event": [None, doing], "day": [None, day]})
