"""JSON API: the office's audit log."""

from ninja import Router

from billing.access import OfficeRequest
from billing.api.access import Page, may
from billing.api.schemas.audit import EntryOut
from billing.reports.audit import AuditFilters, as_object, entries_shown
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.web.api import Day, PageIn, PageOut, Word, give, page_of

router = Router()


@router.get("/audit/", response=give(PageOut[EntryOut]), auth=may(Permission.READ_AUDIT))
def list_entries(
    request: OfficeRequest,
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
