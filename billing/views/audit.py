"""The office's audit log: the page with its filter, and the same entries as files."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.access import OfficeRequest, require_office
from billing.reports import audit as reports
from billing.reports.audit import AuditFilters
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.periods import day_in
from billtracker.core.web.exports import csv_stream, json_stream
from billtracker.core.web.pages import paginate, query_texts

PAGE = 50
LONGEST = {"action": 60, "person": 150, "type": 60, "id": 40, "q": 100}


def _filters_of(request: OfficeRequest) -> AuditFilters:
    """Read the filters of the address; what is none of them is left out."""
    asked = query_texts(request)
    text = {name: asked.get(name, "")[:longest] for name, longest in LONGEST.items()}
    entry = asked.get("entry", "")
    return AuditFilters(
        action=text["action"],
        person=text["person"],
        kind=text["type"],
        target_id=text["id"],
        query=text["q"],
        first_day=day_in(asked.get("from", "")),
        last_day=day_in(asked.get("to", "")),
        position=int(entry) if entry.isascii() and entry.isdigit() and len(entry) <= 18 else None,
    )


@require_safe
@require_office(Permission.READ_AUDIT)
def office_audit(request: OfficeRequest) -> HttpResponse:
    """Show the office's chain, the newest entry first, and whether it held when it was last checked."""
    filters, time_zone = _filters_of(request), office_profile().time_zone
    page = paginate(request, reports.entries_shown(filters, time_zone), PAGE)
    check = reports.last_check()
    context = {
        "page": page,
        "rows": reports.rows_of(page),
        "filters": filters,
        "is_narrowed": filters != AuditFilters(),
        "proposals": reports.proposals(filters),
        "check": check,
        "newer_count": max(0, reports.chain_length() - check.entry_count) if check else 0,
        "time_zone": time_zone,
    }
    return render(request, "billing/audit.html", context)


@require_safe
@require_office(Permission.READ_AUDIT)
def audit_csv(request: OfficeRequest) -> StreamingHttpResponse:
    """Give every entry that the filter shows as a table, oldest last."""
    found = reports.read_in_chunks(reports.entries_shown(_filters_of(request), office_profile().time_zone))
    return csv_stream("audit.csv", reports.COLUMNS, map(reports.csv_row, found))


@require_safe
@require_office(Permission.READ_AUDIT)
def audit_json(request: OfficeRequest) -> StreamingHttpResponse:
    """Give every entry that the filter shows as a JSON array, with all that its hash covers."""
    found = reports.read_in_chunks(reports.entries_shown(_filters_of(request), office_profile().time_zone))
    return json_stream("audit.json", map(reports.as_object, found))
