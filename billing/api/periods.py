"""JSON API: the months of the books."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import READERS, Page, may
from billing.api.schemas import periods as schemas
from billing.models import Period, PeriodException
from billing.reports.months import closed_before
from billing.reports.retainer_cycle import parse_month
from billing.rules.policy import Permission
from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
ADMINS = may(Permission.ADMINISTER)
Out = schemas.BooksPeriodOut


def periods():
    people = ("exceptions__user", "exceptions__granted_by")
    return Period.objects.select_related("changed_by").prefetch_related(*people)


def _month_or_404(text: str) -> Month:
    try:
        return parse_month(text)
    except DomainError:
        raise Http404 from None


def _show_period(month: Month) -> dict:
    """Give a month, read again; one without a row is open, unless a later one is closed."""
    row = periods().filter(starts_on=month.first_day).first() or Period(starts_on=month.first_day)
    end = closed_before()
    is_closed = end is not None and month.first_day < end
    return schemas.show_period(row) | ({"state": Period.State.CLOSED} if is_closed else {})


@router.get("/periods/", response=give(PageOut[Out]), auth=READERS)
def list_periods(request: OfficeRequest, page: PageIn = Page):
    """List the months that are or were locked or closed, the latest first.

    Months before a closed one are closed with it; any other month is open.
    """
    return page_of(periods(), page, schemas.show_period)


@router.get("/periods/{month}/", response=give(Out), auth=READERS)
def get_period(request: OfficeRequest, month: str):
    """Give one month, such as 2026-11."""
    return _show_period(_month_or_404(month))


# --- acts --------------------------------------------------------------------------------------
@router.post("/periods/{month}/lock/", response=give(Out), auth=ADMINS)
def lock_period(request: OfficeRequest, month: str, payload: schemas.LockIn):
    """Let nothing more be dated into the month, but by those with an exception."""
    asked, act = _month_or_404(month), services.lock_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return _show_period(asked)


@router.post("/periods/{month}/unlock/", response=give(Out), auth=ADMINS)
def unlock_period(request: OfficeRequest, month: str, payload: schemas.ReopenIn):
    """Open a locked month to everybody again; its exceptions end."""
    asked, act = _month_or_404(month), services.unlock_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return _show_period(asked)


@router.post("/periods/{month}/close/", response=give(Out), auth=ADMINS)
def close_period(request: OfficeRequest, month: str, payload: schemas.CloseIn):
    """Close a finished month after its checklist; months close in order."""
    asked, act = _month_or_404(month), services.close_period
    once(request, lambda: act(actor=request.user, month=asked, **payload.dict()))
    return _show_period(asked)


@router.post("/periods/{month}/reopen/", response=give(Out), auth=ADMINS)
def reopen_period(request: OfficeRequest, month: str, payload: schemas.ReopenIn):
    """Open a closed month again; the last one first."""
    asked, act = _month_or_404(month), services.reopen_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return _show_period(asked)


@router.post("/periods/{month}/exceptions/", response=give(Out, 201), auth=ADMINS)
def grant_exception(request: OfficeRequest, month: str, payload: schemas.ExceptionIn):
    """Let one person work in a locked month until an instant."""
    asked, act = _month_or_404(month), services.grant_exception
    user = User.objects.filter(username=payload.user).first()
    if user is None:
        raise BadInput("There is no such user.", "user")
    once(
        request,
        lambda: act(actor=request.user, month=asked, user=user, until=payload.until, reason=payload.reason),
    )
    return Status(201, _show_period(asked))


@router.post("/periods/{month}/exceptions/{pk}/end/", response=give(Out), auth=ADMINS)
def end_exception(request: OfficeRequest, month: str, pk: Id):
    """Take an exception back before its time."""
    asked, act = _month_or_404(month), services.end_exception
    leave = get_object_or_404(PeriodException, pk=pk, period__starts_on=asked.first_day)
    once(request, lambda: act(actor=request.user, exception=leave))
    return _show_period(asked)
