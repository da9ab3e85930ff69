"""Status, and what mends what it shows."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billtracker.accounts.access.administrators import administrator_required
from opsstatus import panel_results
from opsstatus.monitoring.troubleshooting import ADVICE


@require_safe
@never_cache
@administrator_required
def status(request: HttpRequest) -> HttpResponse:
    """Show how the server fares: one headline, problems first, then every panel."""
    picture = panel_results.gather()
    report = panel_results.as_text(picture)
    context = {"picture": picture, "report": report, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/status.html", context)


@require_safe
@administrator_required
def status_help(request: HttpRequest) -> HttpResponse:
    """Say what each trouble means and what ends it."""
    return render(request, "opsstatus/status_help.html", {"advice": ADVICE})
