"""One operation: its steps as they come, and how it ended."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backups import operation_states, reports
from backups.archive.folders import Backup, find_backup
from backups.services.faults import mark_fault_seen
from billtracker.accounts.access.administrators import administrator_required
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.exceptions import DomainError
from billtracker.core.web.pages import back_to, refusing, say

TITLES = {
    "create": _("Making a backup"),
    "scheduled": _("Making a backup by the clock"),
    "proof": _("Proving the newest backup"),
    "verify": _("Proving a backup"),
    "import": _("Bringing a backup in"),
    "restore": _("Restoring a backup"),
    "move": _("Moving the database"),
    "delete": _("Removing a backup"),
}


@require_safe
@never_cache
@administrator_required
def operation_detail(request: SignedInRequest, key: str) -> HttpResponse:
    """Show how far an operation is, or how it ended; the page asks again by itself while it runs."""
    state = operation_states.find(key)
    if state is None:
        raise Http404
    is_restored = state.kind == "restore" and state.state == "done"
    restoration = reports.last_restoration() if is_restored else None
    context = {
        "operation": state,
        "title": TITLES[state.kind],
        "percent": None if state.share is None else round(state.share * 100),
        "backup": there(state.backup_id),
        "restoration": restoration,
        "pre_restore": there(restoration.pre_restore) if restoration else None,
        "time_zone": settings.TIME_ZONE,
    }
    return render(request, "backups/operation.html", context)


@require_POST
@administrator_required
def fault_seen(request: SignedInRequest, key: str) -> HttpResponse:
    """Take note of a fault: Status shows it in red no longer."""
    with refusing(request):
        mark_fault_seen(actor=request.user, key=key)
        say(request, gettext("Marked as seen. It stays in the audit log."))
    return back_to(request, reverse("opsstatus:status"))


def there(backup_id: str) -> Backup | None:
    """Return the backup of that name while it is in the list."""
    with suppress(DomainError):
        return find_backup(backup_id)
    return None
