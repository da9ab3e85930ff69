"""Cleanup: what is removed by which rule, what the last runs removed, and the buttons that run it now."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billtracker.accounts.access.administrators import administrator_required
from billtracker.core.web.pages import refusing
from opsstatus import cleanup_tasks
from opsstatus.reports import known_facts


@require_safe
@administrator_required
def cleanup(request: HttpRequest) -> HttpResponse:
    """List every task with its rule as it stands and its last result."""
    facts = known_facts()
    last = facts.get(cleanup_tasks.RUN)
    context = {"tasks": cleanup_tasks.standings(facts), "last": last, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/cleanup.html", context)


@require_POST
@administrator_required
def cleanup_run(request: HttpRequest, name: str = "") -> HttpResponse:
    """Run one task, or all that are switched on, and say what was removed."""
    if name and name not in cleanup_tasks.BY_NAME:
        raise Http404
    with refusing(request):
        run = cleanup_tasks.clean_up(actor=request.user, names=[name] if name else None)
        title = cleanup_tasks.BY_NAME[name].title if name else _("Cleanup")
        tell = messages.error if run.failed else messages.success
        tell(request, f"{title}: {run.outcomes[0] if name else run}")
    return redirect("opsstatus:cleanup")
