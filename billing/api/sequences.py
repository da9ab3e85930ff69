"""JSON API: billing: the number that a sequence gives next."""

from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from billing.access import OfficeRequest, require_permission
from billing.models import Sequence
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billing.services import expected_number
from billtracker.core.periods import today
from billtracker.core.web.api import ErrorOut, Id

router = Router(tags=["billing"])
FAILURES = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut}


class NextNumberOut(Schema):
    """The number that a document of that date would get: expected, not reserved."""

    sequence: str
    issue_date: str
    expected: str
    is_reserved: bool = False


@router.get("/sequences/{pk}/next_number/", response={200: NextNumberOut, **FAILURES})
def next_number(request: OfficeRequest, pk: Id):
    """Say which number a document issued today would get: expected, not reserved. Asking changes nothing."""
    require_permission(request, Permission.READ)
    sequence = get_object_or_404(Sequence, pk=pk)
    day = today(office_profile().time_zone)
    return NextNumberOut(
        sequence=sequence.code, issue_date=day.isoformat(), expected=expected_number(sequence, day)
    )
