"""Home, health and error pages: what composes several apps or belongs to none."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


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
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        pending = True
    return JsonResponse({"status": "unavailable" if pending else "ok"}, status=503 if pending else 200)


def csrf_failure(request, reason=""):
    """Say that the form's proof was missing or stale and what to check."""
    return render(request, "core/csrf_failure.html", status=403)
