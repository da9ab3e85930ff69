"""Months of the books: locked, closed and opened again; and the check that keeps events out of shut ones."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from billing.models import Period, PeriodException
from billing.reports import months
from billing.reports import periods as reports
from billing.reports.control_totals import control_totals
from billing.reports.office import office_today
from billing.rules import policy
from billing.services.close_packs import request_pack
from billing.services.ledger import long_enough
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month

State = Period.State
LONGEST_LEAVE = dt.timedelta(days=31)


def require_open(*, actor, day: dt.date, doing: str) -> None:
    """Refuse an event dated into a closed month, or into a locked one without leave.

    Call it in the transaction that writes the event, after locking its rows: it takes the office's
    audit chain, so that no month is shut between this check and the commit. Each use of a leave is
    recorded. The database refuses the same again, for whoever comes another way.
    """
    audit.lock_chain(audit.OFFICE)
    if shut_by := Period.objects.closed().filter(ends_before__gt=day).first():
        raise DomainError(
            f"{day:%B %Y} is closed (the books are closed up to {shut_by.starts_on:%B %Y}); {doing} is dated"
            f" {day.isoformat()}. Nothing was changed.",
            code="period_closed",
        )
    locked = Period.objects.locked_on(day).first()
    if locked is None:
        return
    leave = locked.exceptions.live().filter(user=actor).first()
    if leave is None:
        raise DomainError(
            f"{day:%B %Y} is locked; {doing} is dated {day.isoformat()}. Ask an Admin for an exception."
            " Nothing was changed.",
            code="period_locked",
        )
    audit.record(actor, "period.exception_used", leave, {"event": [None, doing], "day": [None, day]})


# --- soft lock ---------------------------------------------------------------------------------
@transaction.atomic
def lock_period(*, actor, month: Month, reason: str = "") -> Period:
    """Let nothing more be dated into the month, but by those with an exception. Taken back by unlocking."""
    period = _lock_month(actor, month)
    if month > Month.of(office_today()):
        raise DomainError(f"{_words(month)} has not begun. Nothing was changed.", code="not_begun")
    _require_state(period, {State.OPEN}, "only an open month is locked")
    return _change_state(actor, period, State.LOCKED, "period.locked", reason.strip()[:500])


@transaction.atomic
def unlock_period(*, actor, month: Month, reason: str) -> Period:
    """Open a locked month to everybody again; its exceptions end."""
    period, reason = _lock_month(actor, month), long_enough(reason)
    _require_state(period, {State.LOCKED}, "only a locked month is unlocked")
    _end_leaves(period)
    return _change_state(actor, period, State.OPEN, "period.unlocked", reason)


def _lock_month(actor, month: Month) -> Period:
    """Return the month's row, new or as it is now; the chain is held, so that no event slips in between."""
    policy.require(actor, policy.Permission.ADMINISTER)
    audit.lock_chain(audit.OFFICE)
    period = Period.objects.filter(starts_on=month.first_day).first()
    return period or Period(starts_on=month.first_day, ends_before=month.span.end)


def _require_state(period: Period, states: set[str], doing: str) -> None:
    """Refuse a month in another state; one before a closed month is closed with it."""
    end = months.closed_before()
    state = State.CLOSED if end and period.starts_on < end else period.state
    if state not in states:
        word = State(state).label.lower()
        raise DomainError(
            f"{_words(period.month)} is {word}; {doing}. Nothing was changed.", code="wrong_state"
        )


def _words(month: Month) -> str:
    return f"{month.first_day:%B %Y}"


def _change_state(actor, period: Period, state: str, action: str, reason: str, **changes) -> Period:
    """Write the new state with its entry."""
    before, period.state = period.state, state
    period.changed_by, period.changed_at = actor, timezone.now()
    period.save()
    audit.record(actor, action, period, {"state": [before, state], **changes}, reason)
    return period


# --- exceptions --------------------------------------------------------------------------------
@transaction.atomic
def grant_exception(*, actor, month: Month, user, until: dt.datetime, reason: str) -> PeriodException:
    """Let one person work in a locked month until an instant, a month ahead at most."""
    period, reason, now = _lock_month(actor, month), long_enough(reason), timezone.now()
    _require_state(period, {State.LOCKED}, "an exception is for a locked month")
    if not policy.may(user, policy.Permission.DRAFT):
        raise DomainError(f"{user} has no role that changes the books.", field="user")
    if not now < until <= now + LONGEST_LEAVE:
        raise DomainError("An exception ends later than now and within 31 days.", field="until")
    if period.exceptions.live().filter(user=user).exists():
        raise DomainError(f"{user} has an exception for this month already.", field="user", code="has_one")
    leave = PeriodException.objects.create(
        period=period, user=user, until=until, reason=reason, granted_by=actor, granted_at=now
    )
    changes = {"user": [None, user.get_username()], "until": [None, until]}
    audit.record(actor, "period.exception_granted", leave, changes, reason)
    return leave


@transaction.atomic
def end_exception(*, actor, exception: PeriodException) -> PeriodException:
    """Take an exception back before its time."""
    policy.require(actor, policy.Permission.ADMINISTER)
    audit.lock_chain(audit.OFFICE)
    now = timezone.now()
    if not PeriodException.objects.live().filter(pk=exception.pk).update(ended_at=now):
        raise DomainError("This exception is over already. Nothing was changed.", code="wrong_state")
    exception.refresh_from_db()
    audit.record(actor, "period.exception_ended", exception, {"ended_at": [None, now]})
    return exception


def _end_leaves(period: Period) -> None:
    period.exceptions.live().update(ended_at=timezone.now())


# --- close and reopen --------------------------------------------------------------------------
@transaction.atomic
def close_period(*, actor, month: Month, skipped: Collection[str] = (), reason: str = "") -> Period:
    """Close a finished month and every one before it; its control totals are kept with the audit log's head.

    ``skipped`` names the warnings of the checklist that do not matter, with a reason; whatever
    blocks, and a warning that is not named, refuses. Raises DomainError and changes nothing then.
    The worker makes the month's pack.
    """
    period, today = _lock_month(actor, month), office_today()
    _require_state(period, {State.OPEN, State.LOCKED}, "it is not closed again")
    if month.span.end > today:
        raise DomainError(f"{_words(month)} is not over yet. Nothing was changed.", code="not_finished")
    _require_in_order(month)
    points = reports.checklist(month, today)
    passed = _require_checked(month, points, skipped)
    reason = long_enough(reason) if passed else reason.strip()[:500]
    head = audit.lock_chain(audit.OFFICE)
    period.closing = control_totals(month) | {"audit": {"position": head.length, "hash": head.last_hash}}
    if period.pk:
        _end_leaves(period)
    closed = _change_state(
        actor,
        period,
        State.CLOSED,
        "period.closed",
        reason,
        skipped=[None, passed],
        closing=[None, period.closing],
    )
    request_pack(actor=actor, period=closed)
    return closed


def _require_in_order(month: Month) -> None:
    """Refuse to close a month while one before it has activity and is open."""
    earlier = reports.first_activity(months.closed_before())
    if earlier and earlier < month:
        raise DomainError(
            f"{_words(earlier)} comes first: months are closed in order. Nothing was changed.", code="order"
        )


def _require_checked(month: Month, points: list[reports.Point], skipped: Collection[str]) -> list[str]:
    """Refuse what blocks and what nobody skipped; return the warnings that are skipped, in words."""
    if found := reports.blocking(points):
        raise DomainError(
            f"{_words(month)} cannot be closed: {_describe_points(found)}. Nothing was changed.",
            code="blocked",
        )
    warnings = reports.warnings(points)
    if left := [point for point in warnings if point.code not in skipped]:
        raise DomainError(
            f"Look at this first, or skip it with a reason: {_describe_points(left)}. Nothing was changed.",
            code="warnings",
        )
    return [_describe_points([point]) for point in warnings]


def _describe_points(points: list[reports.Point]) -> str:
    return "; ".join(f"{point.label}: {point.count}" for point in points)


@transaction.atomic
def reopen_period(*, actor, month: Month, reason: str) -> Period:
    """Open the month that was closed last; its control totals stay in the audit log."""
    period, reason = _lock_month(actor, month), long_enough(reason)
    last = months.last_closed()
    if last is None or period.pk is None or period.state != State.CLOSED:
        raise DomainError(f"{_words(month)} was not closed itself. Nothing was changed.", code="wrong_state")
    if last.pk != period.pk:
        raise DomainError(
            f"{_words(last.month)} comes first: the last closed month opens first. Nothing was changed.",
            code="order",
        )
    was, period.closing = period.closing, None
    return _change_state(actor, period, State.OPEN, "period.reopened", reason, closing=[was, None])
