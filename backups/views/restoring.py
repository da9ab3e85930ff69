"""Putting a backup in the place of the live data, and what becomes of the mail that waited."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from backups import reports
from backups.forms import RestoreForm
from backups.views.found import backup_or_404, limit_operations, start_operation
from billtracker.accounts.access.administrators import administrator_required
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.web.pages import get_or_post, refusing, say
from notifications.services import release_held_mail


@sensitive_post_parameters("passphrase")
@get_or_post
@never_cache
@administrator_required
@limit_operations
def backup_restore(request: SignedInRequest, backup_id: str) -> HttpResponse:
    """Say what a restore does and what it loses; a POST with the backup's name and a reason begins it."""
    backup = backup_or_404(backup_id)
    outlook, form = reports.restore_outlook(backup), RestoreForm(backup, request.POST or None)
    if request.method == "POST" and not outlook.refusal and form.is_valid():
        return start_operation(
            request,
            "restore",
            reverse("backups:backup", args=[backup.id]),
            backup=backup.id,
            passphrase=form.cleaned_data.get("passphrase") or None,
            session_key=request.session.session_key,
            reason=form.cleaned_data["reason"],
        )
    context = {"backup": backup, "form": form, "outlook": outlook, "time_zone": settings.TIME_ZONE}
    is_wrong = request.method == "POST"
    return render(request, "backups/backup_restore.html", context, status=422 if is_wrong else 200)


@require_POST
@administrator_required
def mail_release(request: SignedInRequest) -> HttpResponse:
    """Let the mail go out again that a restore held back, or take back what waits."""
    act = request.POST.get("act")
    if act not in ("send", "withdraw"):
        raise Http404
    withdraw = act == "withdraw"
    with refusing(request):
        count = release_held_mail(actor=request.user, withdraw=withdraw)
        say(request, _withdrawn_words(count) if withdraw else _released_words(count))
    return redirect("backups:backups")


def _withdrawn_words(count: int) -> str:
    words = ngettext(
        "%(n)d message was taken back; new mail goes out again.",
        "%(n)d messages were taken back; new mail goes out again.",
        count,
    )
    return words % {"n": count}


def _released_words(count: int) -> str:
    words = ngettext(
        "Mail goes out again; %(n)d message that waited is on its way.",
        "Mail goes out again; %(n)d messages that waited are on their way.",
        count,
    )
    return words % {"n": count}
