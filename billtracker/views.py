"""Home, health and error pages: what composes several apps or belongs to none."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billtracker.core.readiness import is_ready


@require_safe
def home(request):
    """Show the sign-in page to a stranger and this month's tracker to everyone else."""
    return render(request, "core/home.html")


@require_safe
def healthz(request):
    """Say that this process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request):
    """Say whether the database answers and every migration is applied."""
    if is_ready():
        return JsonResponse({"status": "ok"})
    return JsonResponse({"status": "unavailable"}, status=503)


def csrf_failure(request, reason=""):
    """Say that the form's proof was missing or stale and what to check."""
    return render(request, "core/csrf_failure.html", status=403)
