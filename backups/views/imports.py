"""Bringing a backup in: a file that is streamed to the disk, and refused early when it is too large."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from backups import operations
from backups.archive.folders import require_space
from backups.archive.uploads import BackupUploadHandler, is_longer_than, limit_of_today
from backups.forms import ImportForm
from backups.private_files import size_words
from backups.views.found import limit_operations
from billtracker.accounts.access.administrators import administrator_required
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.exceptions import DomainError
from billtracker.core.web.pages import get_or_post

TOO_LARGE = 413


@csrf_exempt  # the middleware would read the whole file first; `received` is protected
@sensitive_post_parameters("passphrase")
@get_or_post
@never_cache
@administrator_required
@limit_operations
def backup_import(request: SignedInRequest) -> HttpResponse:
    """Ask for the file; a POST streams it beside the backups and begins its proof."""
    limit = limit_of_today()
    if request.method != "POST":
        return _page(request, ImportForm(), limit)
    if is_longer_than(request, limit):
        return _refuse_upload(request, limit)
    try:
        require_space(int(request.headers.get("content-length") or 0), _("The file"))
    except DomainError as refusal:
        return _refuse_upload(request, limit, refusal.sentence)
    handler = BackupUploadHandler(request, limit)
    request.upload_handlers = [handler]
    try:
        return receive_upload(request, handler)
    finally:
        handler.discard()


@csrf_protect
def receive_upload(request: SignedInRequest, handler: BackupUploadHandler) -> HttpResponse:
    """Hand what was streamed to the disk over to the operation that proves it."""
    form = ImportForm(request.POST, request.FILES)
    if handler.is_too_large:
        return _refuse_upload(request, handler.limit)
    if not form.is_valid():
        return _page(request, form, handler.limit, status=422)
    try:
        key = operations.start("import", request.user, **_import_arguments(form.cleaned_data))
    except DomainError as refusal:
        return _refuse_upload(request, handler.limit, refusal.sentence)
    handler.hand_over()
    return redirect("backups:backup_operation", key)


def _import_arguments(given: dict) -> dict:
    """Return what the operation is told: where the file lies, its name, its digest, how to open it."""
    return {
        "path": str(given["file"].path),
        "name": given["file"].name,
        "sha256": given["sha256"],
        "passphrase": given["passphrase"] or None,
    }


def _refuse_upload(request: SignedInRequest, limit: int, sentence: str = "") -> HttpResponse:
    """Show the form with the reason; what was sent is not kept."""
    form = ImportForm({})
    form.errors.clear()
    form.add_error("file", sentence or _too_large_words(limit))
    return _page(request, form, limit, status=422 if sentence else TOO_LARGE)


def _too_large_words(limit: int) -> str:
    words = _(
        "The file is larger than %(limit)s, the largest import that the settings allow. "
        "Nothing of it was kept."
    )
    return words % {"limit": size_words(limit)}


def _page(request: SignedInRequest, form: ImportForm, limit: int, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "limit": limit, "limit_words": size_words(limit), "too_large": _too_large_words(limit)
    }  # fmt: skip
    return render(request, "backups/backup_import.html", context, status=status)
