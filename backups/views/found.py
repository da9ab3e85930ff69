"""What the views share: the backup an address names, the operation that an act begins, and how often."""

from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from backups import operations
from backups.archive.folders import Backup, find_backup
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.exceptions import DomainError, LimitReached
from billtracker.core.web.pages import limit_reached


def backup_or_404(backup_id: str) -> Backup:
    """Return the backup, a damaged one too; Http404 when there is none of that name."""
    try:
        return find_backup(backup_id)
    except DomainError:
        raise Http404 from None


def limit_operations(view):
    """Answer a POST with 429 when the person has begun as many operations of late as the settings allow."""

    @wraps(view)
    def wrapper(request: SignedInRequest, *args, **kwargs) -> HttpResponse:
        try:
            if request.method == "POST":
                operations.require_quota(request.user)
        except LimitReached as refusal:
            return limit_reached(request, refusal)
        return view(request, *args, **kwargs)

    return wrapper


def start_operation(request: SignedInRequest, kind: str, otherwise: str, /, **arguments) -> HttpResponse:
    """Begin an operation and lead to its page; when another one runs, say so and go back to ``otherwise``."""
    try:
        key = operations.start(kind, request.user, **arguments)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return redirect(otherwise)
    return redirect("backups:backup_operation", key)
