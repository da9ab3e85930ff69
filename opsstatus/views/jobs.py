"""The job history."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billtracker.accounts.access.administrators import administrator_required
from billtracker.core.web.pages import paginate
from opsstatus.forms import RunFilter
from opsstatus.models import JobRun

PAGE = 50


@require_safe
@administrator_required
def job_list(request: HttpRequest) -> HttpResponse:
    """List what the worker did, by state and job."""
    form = RunFilter(request.GET)
    page = paginate(request, form.apply_to(JobRun.objects.all()), PAGE)
    context = {"page_obj": page, "form": form, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/job_list.html", context)
