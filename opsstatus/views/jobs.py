"""The job history."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billtracker.accounts.administrators import administrator_required
from opsstatus.forms import RunFilter
from opsstatus.models import JobRun

PAGE = 50


@require_safe
@administrator_required
def job_list(request: HttpRequest) -> HttpResponse:
    """List what the worker did, by state and job."""
    form = RunFilter(request.GET)
    page = Paginator(form.narrowed(JobRun.objects.all()), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/job_list.html", context)
