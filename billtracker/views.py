"""Home, health and what the server says about itself: pages that compose several apps."""

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bills.views.tracker import tracker
from billtracker import demo
from billtracker.accounts.access import households
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.data.readiness import is_ready
from billtracker.core.web.component_samples import sample_context
from billtracker.core.web.pages import say

sign_in_page = LoginView.as_view()


@require_safe
@never_cache
def home(request: HttpRequest):
    """Show the sign-in page to a stranger and this month's tracker to everyone else."""
    if not request.user.is_authenticated:
        return sign_in_page(request)
    return tracker(request)


@require_POST
@login_required
def demo_load(request: SignedInRequest):
    """Make a household of demo data and open it."""
    household = demo.load(actor=request.user)
    request.session[households.SESSION_KEY] = household.pk
    say(request, _("This is demo data, in a household of its own. Nothing of yours was changed."))
    return redirect("bills:tracker")


@require_POST
@login_required
def demo_clear(request: SignedInRequest):
    """Remove the user's demo data without a trace."""
    demo.clear(actor=request.user)
    request.session.pop(households.SESSION_KEY, None)
    say(request, _("The demo data is gone."))
    return redirect("bills:tracker")


@require_safe
def healthz(request: HttpRequest):
    """Say that this process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest):
    """Say whether the database answers and every migration is applied."""
    if is_ready():
        return JsonResponse({"status": "ok"})
    return JsonResponse({"status": "unavailable"}, status=503)


@require_safe
def api_about(request: HttpRequest):
    """Say what this is and in which version."""
    return JsonResponse({"name": "BillTracker", "version": settings.VERSION})


@require_safe
def api_auth_mode(request: HttpRequest):
    """Say which ways to sign in are enabled."""
    return JsonResponse({"local": True, "oidc": False, "registration": False})


@require_safe
@never_cache
def api_csrf_token(request: HttpRequest):
    """Give a script the token it sends back in the header x-csrf-token."""
    return JsonResponse({"csrf_token": get_token(request), "header": "x-csrf-token"})


@require_safe
def design(request: HttpRequest):
    """Show every component on one page; only there in DEBUG."""
    return render(request, "core/design.html", sample_context())
