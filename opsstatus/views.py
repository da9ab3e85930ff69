"""Pages for administrators: Status, the job history, and recent errors."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billtracker.accounts.administrators import administrator_required
from billtracker.core.doors import back_to, say
from opsstatus import gathering, services
from opsstatus.forms import ErrorFilter, RunFilter
from opsstatus.models import JobRun, RecentError

PAGE = 50


@require_safe
@never_cache
@administrator_required
def status(request: HttpRequest) -> HttpResponse:
    """Show how the server fares: one headline, problems first, then every panel."""
    picture = gathering.gather()
    report = gathering.as_text(picture)
    context = {"picture": picture, "report": report, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/status.html", context)


@require_safe
@administrator_required
def job_list(request: HttpRequest) -> HttpResponse:
    """List what the worker did, by state and job."""
    form = RunFilter(request.GET)
    page = Paginator(form.narrowed(JobRun.objects.all()), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/job_list.html", context)


@require_safe
@administrator_required
def error_list(request: HttpRequest) -> HttpResponse:
    """List distinct errors with how often and since when."""
    form = ErrorFilter(request.GET)
    page = Paginator(form.narrowed(RecentError.objects.all()), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/error_list.html", context)


@require_POST
@administrator_required
def error_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an error as dealt with; it is open again when it comes again."""
    services.resolve_error(actor=request.user, error=get_object_or_404(RecentError, pk=pk))
    say(request, _("The error is resolved. It comes back here if it happens again."))
    return back_to(request, reverse("error_list"))
