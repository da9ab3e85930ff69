"""Recent errors, and the button that puts one away."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billtracker.accounts.access.administrators import administrator_required
from billtracker.core.web.pages import back_to, paginate, say
from opsstatus import services
from opsstatus.forms import ErrorFilter
from opsstatus.models import RecentError

PAGE = 50


@require_safe
@administrator_required
def error_list(request: HttpRequest) -> HttpResponse:
    """List distinct errors with how often and since when."""
    form = ErrorFilter(request.GET)
    page = paginate(request, form.apply_to(RecentError.objects.all()), PAGE)
    context = {"page_obj": page, "form": form, "time_zone": settings.TIME_ZONE}
    return render(request, "opsstatus/error_list.html", context)


@require_POST
@administrator_required
def error_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an error as dealt with; it is open again when it comes again."""
    services.resolve_error(actor=request.user, error=get_object_or_404(RecentError, pk=pk))
    say(request, _("The error is resolved. It comes back here if it happens again."))
    return back_to(request, reverse("opsstatus:error_list"))
