"""The list of backups, one backup with what it holds, and what one does with it."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from backups import operation_states, reports
from backups.archive import packing
from backups.archive.folders import all_backups
from backups.engines.figures import headline_words
from backups.forms import ConfirmForm, VerifyForm
from backups.services.running import run_operation
from backups.views.found import backup_or_404, limit_operations, start_operation
from billtracker.accounts.access.administrators import administrator_required
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.web.pages import get_or_post, paginate, refusing, say

PAGE = 50


@require_safe
@never_cache
@administrator_required
def backup_list(request: SignedInRequest) -> HttpResponse:
    """List the backups, newest first, with the operation that runs and the mail that a restore holds back."""
    page = paginate(request, all_backups(), PAGE)
    context = {
        "page_obj": page,
        "operation": operation_states.latest(),
        "held": reports.mail_holder(),
        "time_zone": settings.TIME_ZONE,
    }
    return render(request, "backups/backup_list.html", context)


@require_safe
@never_cache
@administrator_required
def backup_detail(request: SignedInRequest, backup_id: str) -> HttpResponse:
    """Show what a backup says about itself, when it was proven, and what can be done with it."""
    backup = backup_or_404(backup_id)
    figures = backup.manifest.figures if backup.manifest else None
    context = {
        "backup": backup,
        "made_at": backup.manifest.created_at if backup.manifest else backup.created_at,
        "figures": figures,
        "tables": list(reports.figures_by_table(figures)) if figures else [],
        "headline": headline_words(figures.headline) if figures else [],
        "verify_form": VerifyForm(),
        "time_zone": settings.TIME_ZONE,
    }
    return render(request, "backups/backup_detail.html", context)


@require_POST
@administrator_required
@limit_operations
def backup_create(request: SignedInRequest) -> HttpResponse:
    """Begin a backup."""
    return start_operation(request, "create", reverse("backups:backups"), kind="manual")


@sensitive_post_parameters("passphrase")
@require_POST
@administrator_required
@limit_operations
def backup_verify(request: SignedInRequest, backup_id: str) -> HttpResponse:
    """Begin the proof of a backup."""
    backup, form = backup_or_404(backup_id), VerifyForm(request.POST)
    passphrase = form.cleaned_data["passphrase"] if form.is_valid() else ""
    page = reverse("backups:backup", args=[backup.id])
    return start_operation(request, "verify", page, backup=backup.id, passphrase=passphrase or None)


@require_POST
@administrator_required
def backup_download(request: SignedInRequest, backup_id: str) -> HttpResponseBase:
    """Give the backup as one file, written while it is sent; audited, for it holds everything."""
    backup = backup_or_404(backup_id)
    try:
        pieces = packing.stream_zip(backup)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return redirect("backups:backup", backup.id)
    with transaction.atomic():
        audit.record(request.user, "backup.downloaded", backup, scope=audit.OFFICE)
    name = {"content-disposition": f'attachment; filename="{packing.file_name(backup)}"'}
    response = StreamingHttpResponse(pieces, content_type="application/zip", headers=name)
    # It reads files alone, and may take long: nothing waits for its end.
    response.holds_data = False  # type: ignore[attr-defined]
    return response


@get_or_post
@never_cache
@administrator_required
@limit_operations
def backup_delete(request: SignedInRequest, backup_id: str) -> HttpResponse:
    """Ask for the backup's name; a POST with it removes the backup for good."""
    backup = backup_or_404(backup_id)
    form = ConfirmForm(backup, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusing(request):
            say(request, run_operation("delete", request.user, backup=backup).sentence)
        return redirect("backups:backups")
    context = {"backup": backup, "form": form, "others": [one for one in all_backups() if one.is_proven]}
    return render(request, "backups/backup_delete.html", context, status=422 if form.errors else 200)
