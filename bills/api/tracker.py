"""The month tracker."""

from ninja import Query, Router

from bills.access import month_or_404
from bills.api.schemas import tracker as schemas
from bills.api.schemas.occurrences import OccurrenceOut, show_row
from bills.reports.tracker import month_tracker
from bills.reports.unpaid import overdue_before
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.api import Id, PageIn, PageOut, give, page_of

router = Router()
Page = Query(...)


@router.get("/tracker/{year}/{month}/", response=give(schemas.TrackerOut))
def get_tracker(request: HouseholdRequest, year: int, month: int, household: Id | None = None):
    """Give a month: rows by pay period, totals per currency, what is overdue from before."""
    mine = membership_asked_for(request, household).household
    tracker = month_tracker(mine, month_or_404(year, month), mine.today)
    return schemas.show_tracker(tracker, mine.pk)


@router.get("/overdue/", response=give(PageOut[OccurrenceOut]))
def list_overdue(request: HouseholdRequest, page: PageIn = Page, household: Id | None = None):
    """List everything that is late or missed today, the oldest first."""
    mine = membership_asked_for(request, household).household
    return page_of(overdue_before(mine, mine.today, mine.today), page, show_row)
