"""The month tracker."""

from ninja import Router

from bills.access import month_or_404
from bills.api.schemas import tracker as schemas
from bills.reports.tracker import month_tracker
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.api import Id, give

router = Router()


@router.get("/tracker/{year}/{month}/", response=give(schemas.TrackerOut))
def get_tracker(request: HouseholdRequest, year: int, month: int, household: Id | None = None):
    """Give a month: rows by pay period, totals per currency, what is overdue from before."""
    mine = membership_asked_for(request, household).household
    tracker = month_tracker(mine, month_or_404(year, month), mine.today)
    return schemas.show_tracker(tracker, mine.pk)
