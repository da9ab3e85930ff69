"""What the views share: the backup an address names, and the operation that an act begins."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from backups import operations
from backups.folders import Backup, find_backup
from billtracker.core.exceptions import DomainError


def backup_or_404(backup_id: str) -> Backup:
    """Return the backup, a damaged one too; Http404 when there is none of that name."""
    try:
        return find_backup(backup_id)
    except DomainError:
        raise Http404 from None


def started(request: HttpRequest, kind: str, otherwise: str, /, **arguments) -> HttpResponse:
    """Begin an operation and lead to its page; when another one runs, say so and go back to ``otherwise``."""
    try:
        key = operations.start(kind, request.user, **arguments)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return redirect(otherwise)
    return redirect("backup_operation", key)
