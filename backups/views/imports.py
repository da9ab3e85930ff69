"""Bringing a backup in: a file that is streamed to the disk, and refused early when it is too large."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups import operations
from backups.files import size_words
from backups.folders import require_space
from backups.forms import ImportForm
from backups.uploads import BackupUploadHandler, is_longer_than, limit_of_today
from backups.views.found import limited
from billtracker.accounts.administrators import administrator_required
from billtracker.core.exceptions import DomainError

TOO_LARGE = 413


@csrf_exempt  # the middleware would read the whole file first; `received` is protected
@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrator_required
@limited
def backup_import(request: HttpRequest) -> HttpResponse:
    """Ask for the file; a POST streams it beside the backups and begins its proof."""
    limit = limit_of_today()
    if request.method != "POST":
        return page(request, ImportForm(), limit)
    if is_longer_than(request, limit):
        return refused(request, limit)
    try:
        require_space(int(request.headers.get("content-length") or 0), _("The file"))
    except DomainError as refusal:
        return refused(request, limit, refusal.sentence)
    handler = BackupUploadHandler(request, limit)
    request.upload_handlers = [handler]
    try:
        return received(request, handler)
    finally:
        handler.discard()


@csrf_protect
def received(request: HttpRequest, handler: BackupUploadHandler) -> HttpResponse:
    """Hand what was streamed to the disk over to the operation that proves it."""
    form = ImportForm(request.POST, request.FILES)
    if handler.is_too_large:
        return refused(request, handler.limit)
    if not form.is_valid():
        return page(request, form, handler.limit, status=422)
    given = form.cleaned_data
    try:
        key = operations.start(
            "import", request.user, path=str(given["file"].path), name=given["file"].name,
            sha256=given["sha256"], passphrase=given["passphrase"] or None,
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, handler.limit, refusal.sentence)
    handler.hand_over()
    return redirect("backup_operation", key)


def refused(request: HttpRequest, limit: int, sentence: str = "") -> HttpResponse:
    """Show the form with the reason; what was sent is not kept."""
    form = ImportForm({})
    form.errors.clear()
    form.add_error("file", sentence or too_large_words(limit))
    return page(request, form, limit, status=422 if sentence else TOO_LARGE)


def too_large_words(limit: int) -> str:
    words = _("The file is larger than %(limit)s, the largest import that the settings allow. "
              "Nothing of it was kept.")  # fmt: skip
    return words % {"limit": size_words(limit)}


def page(request: HttpRequest, form: ImportForm, limit: int, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "limit": limit, "limit_words": size_words(limit), "too_large": too_large_words(limit)
    }  # fmt: skip
    return render(request, "backups/backup_import.html", context, status=status)
