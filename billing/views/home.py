"""The office's first page: what needs somebody today."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.access import OfficeRequest, require_office
from billing.reports.aging import BUCKETS, AgingRow
from billing.reports.home import figures_of
from billing.reports.office import office_profile
from billing.reports.open_items import AGING, aging_row
from billing.reports.tables import Table
from billing.rules.policy import Permission
from billing.views.reports import bars, question_of
from billtracker.core.periods import today


@require_safe
@require_office()
def office_home(request: OfficeRequest) -> HttpResponse:
    """Show what waits, what is late and what was closed; each figure opens its rows."""
    office = office_profile()
    found = figures_of(today(office.time_zone))
    context = {
        "today": found,
        "overdue": [(row, _overdue_of(row)) for row in found.owed if row.owed],
        "bars": bars(
            Table(AGING, [], last_rows=[aging_row(row, question_of(request), "Total") for row in found.owed])
        ),
        "may_review": Permission.REVIEW in request.permissions,
        "time_zone": office.time_zone,
    }
    return render(request, "billing/home.html", context)


def _overdue_of(row: AgingRow) -> list[tuple[int, str, object]]:
    """Return the buckets that are late, by place, with their amounts."""
    return [(place, BUCKETS[place], amount) for place, amount in enumerate(row.buckets) if place and amount]
