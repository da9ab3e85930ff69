"""What the views share: the backup an address names, the operation that an act begins, and how often."""

from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from backups import operations
from backups.folders import Backup, find_backup
from billtracker.core.doors import limit_reached
from billtracker.core.exceptions import DomainError, LimitReached


def backup_or_404(backup_id: str) -> Backup:
    """Return the backup, a damaged one too; Http404 when there is none of that name."""
    try:
        return find_backup(backup_id)
    except DomainError:
        raise Http404 from None


def limited(view):
    """Answer a POST with 429 when the person has begun as many operations of late as the settings allow."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            if request.method == "POST":
                operations.require_quota(request.user)
        except LimitReached as refusal:
            return limit_reached(request, refusal)
        return view(request, *args, **kwargs)

    return wrapped


def started(request: HttpRequest, kind: str, otherwise: str, /, **arguments) -> HttpResponse:
    """Begin an operation and lead to its page; when another one runs, say so and go back to ``otherwise``."""
    try:
        key = operations.start(kind, request.user, **arguments)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return redirect(otherwise)
    return redirect("backup_operation", key)
