"""The JSON doors to the months of the books."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.api.doors import READERS, Page, may
from billing.models import Period, PeriodException
from billing.policy import Act
from billing.reports.cycle import parse_month
from billing.reports.months import closed_before
from billing.schemas import periods as schemas
from billtracker.accounts.models import User
from billtracker.core.api import BadInput, Id, PageIn, PageOut, give, once, page_of
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month

router = Router()
ADMINS = may(Act.ADMINISTER)
Out = schemas.BooksPeriodOut


def periods():
    people = ("exceptions__user", "exceptions__granted_by")
    return Period.objects.select_related("changed_by").prefetch_related(*people)


def month_or_404(text: str) -> Month:
    try:
        return parse_month(text)
    except DomainError:
        raise Http404 from None


def shown(month: Month) -> dict:
    """Give a month, read again; one without a row is open, unless a later one is closed."""
    row = periods().filter(starts_on=month.first_day).first() or Period(starts_on=month.first_day)
    end = closed_before()
    is_closed = end is not None and month.first_day < end
    return schemas.show_period(row) | ({"state": Period.State.CLOSED} if is_closed else {})


@router.get("/periods/", response=give(PageOut[Out]), auth=READERS)
def list_periods(request: HttpRequest, page: PageIn = Page):
    """List the months that are or were locked or closed, the latest first.

    Months before a closed one are closed with it; any other month is open.
    """
    return page_of(periods(), page, schemas.show_period)


@router.get("/periods/{month}/", response=give(Out), auth=READERS)
def get_period(request: HttpRequest, month: str):
    """Give one month, such as 2026-11."""
    return shown(month_or_404(month))


# --- acts --------------------------------------------------------------------------------------
@router.post("/periods/{month}/lock/", response=give(Out), auth=ADMINS)
def lock_period(request: HttpRequest, month: str, payload: schemas.LockIn):
    """Let nothing more be dated into the month, but by those with an exception."""
    asked, act = month_or_404(month), services.lock_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return shown(asked)


@router.post("/periods/{month}/unlock/", response=give(Out), auth=ADMINS)
def unlock_period(request: HttpRequest, month: str, payload: schemas.ReopenIn):
    """Open a locked month to everybody again; its exceptions end."""
    asked, act = month_or_404(month), services.unlock_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return shown(asked)


@router.post("/periods/{month}/close/", response=give(Out), auth=ADMINS)
def close_period(request: HttpRequest, month: str, payload: schemas.CloseIn):
    """Close a finished month after its checklist; months close in order."""
    asked, act = month_or_404(month), services.close_period
    once(request, lambda: act(actor=request.user, month=asked, **payload.dict()))
    return shown(asked)


@router.post("/periods/{month}/reopen/", response=give(Out), auth=ADMINS)
def reopen_period(request: HttpRequest, month: str, payload: schemas.ReopenIn):
    """Open a closed month again; the last one first."""
    asked, act = month_or_404(month), services.reopen_period
    once(request, lambda: act(actor=request.user, month=asked, reason=payload.reason))
    return shown(asked)


@router.post("/periods/{month}/exceptions/", response=give(Out, 201), auth=ADMINS)
def grant_exception(request: HttpRequest, month: str, payload: schemas.ExceptionIn):
    """Let one person work in a locked month until an instant."""
    asked, act = month_or_404(month), services.grant_exception
    user = User.objects.filter(username=payload.user).first()
    if user is None:
        raise BadInput("There is no such user.", "user")
    facts = {"until": payload.until, "reason": payload.reason}
    once(request, lambda: act(actor=request.user, month=asked, user=user, **facts))
    return Status(201, shown(asked))


@router.post("/periods/{month}/exceptions/{pk}/end/", response=give(Out), auth=ADMINS)
def end_exception(request: HttpRequest, month: str, pk: Id):
    """Take an exception back before its time."""
    asked, act = month_or_404(month), services.end_exception
    leave = get_object_or_404(PeriodException, pk=pk, period__starts_on=asked.first_day)
    once(request, lambda: act(actor=request.user, exception=leave))
    return shown(asked)
