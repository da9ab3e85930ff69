"""The JSON door to the office's audit log."""

from django.http import HttpRequest
from ninja import Router

from billing.api.doors import Page, may
from billing.policy import Act
from billing.reports.audit import AuditFilters, as_object, entries_shown
from billing.reports.office import office_profile
from billing.schemas.audit import EntryOut
from billtracker.core.api import Day, PageIn, PageOut, Word, give, page_of

router = Router()


@router.get("/audit/", response=give(PageOut[EntryOut]), auth=may(Act.READ_AUDIT))
def list_entries(
    request: HttpRequest,
    page: PageIn = Page,
    action: Word = "",
    person: Word = "",
    type: Word = "",
    id: Word = "",
    first_day: Day | None = None,
    last_day: Day | None = None,
):
    """List the office's entries, the newest first; ``action`` may be its beginning, such as statement."""
    filters = AuditFilters(
        action=action, person=person, kind=type, target_id=id, first_day=first_day, last_day=last_day
    )
    return page_of(entries_shown(filters, office_profile().time_zone), page, as_object)
