"""The office's audit log: the page with its filter, and the same entries as files."""

import datetime as dt

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.access import office_door
from billing.policy import Act
from billing.reports import audit as reports
from billing.reports.audit import AuditFilters
from billing.reports.office import office_profile
from billtracker.core.exports import csv_stream, json_stream

PAGE = 50
LONGEST = {"action": 60, "person": 150, "type": 60, "id": 40, "q": 100}


def filters_of(request: HttpRequest) -> AuditFilters:
    """Read the filters of the address; what is none of them is left out."""
    # Postgres stores no NUL and asks for none.
    asked = {name: value.replace("\x00", "").strip() for name, value in request.GET.items()}
    text = {name: asked.get(name, "")[:longest] for name, longest in LONGEST.items()}
    entry = asked.get("entry", "")
    return AuditFilters(
        action=text["action"],
        person=text["person"],
        kind=text["type"],
        target_id=text["id"],
        query=text["q"],
        first_day=day_of(asked.get("from", "")),
        last_day=day_of(asked.get("to", "")),
        position=int(entry) if entry.isascii() and entry.isdigit() and len(entry) <= 18 else None,
    )


def day_of(text: str) -> dt.date | None:
    """Return the day of ``2026-11-21``, None for any other text and for days at the edges of time."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 9000 else None


@require_safe
@office_door(Act.READ_AUDIT)
def office_audit(request: HttpRequest) -> HttpResponse:
    """Show the office's chain, the newest entry first, and whether it held when it was last checked."""
    filters, time_zone = filters_of(request), office_profile().time_zone
    page = Paginator(reports.entries_shown(filters, time_zone), PAGE).get_page(request.GET.get("page"))
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
@office_door(Act.READ_AUDIT)
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give every entry that the filter shows as a table, oldest last."""
    found = reports.read_in_chunks(reports.entries_shown(filters_of(request), office_profile().time_zone))
    return csv_stream("audit.csv", reports.COLUMNS, map(reports.csv_row, found))


@require_safe
@office_door(Act.READ_AUDIT)
def audit_json(request: HttpRequest) -> StreamingHttpResponse:
    """Give every entry that the filter shows as a JSON array, with all that its hash covers."""
    found = reports.read_in_chunks(reports.entries_shown(filters_of(request), office_profile().time_zone))
    return json_stream("audit.json", map(reports.as_object, found))
