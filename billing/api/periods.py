"""The JSON doors to the months of the books."""

from django.http import Http404, HttpRequest
from ninja import Router

from billing.api.doors import READERS, Page
from billing.models import Period
from billing.reports.cycle import parse_month
from billing.schemas import periods as schemas
from billtracker.core.api import PageIn, PageOut, give, page_of
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month

router = Router()
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
    """Give a month, read again; one that nobody locked or closed is open."""
    row = periods().filter(starts_on=month.first_day).first()
    return schemas.show_period(row or Period(starts_on=month.first_day))


@router.get("/periods/", response=give(PageOut[Out]), auth=READERS)
def list_periods(request: HttpRequest, page: PageIn = Page):
    """List the months that are or were locked or closed, the latest first; any other month is open."""
    return page_of(periods(), page, schemas.show_period)


@router.get("/periods/{month}/", response=give(Out), auth=READERS)
def get_period(request: HttpRequest, month: str):
    """Give one month, such as 2026-11."""
    return shown(month_or_404(month))
