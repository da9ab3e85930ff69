"""How many people use this server."""

from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billtracker.accounts.models import User
from billtracker.core.process.health import Facts, Item, signal_of_fact


def measure() -> dict:
    """Count users and sessions; the worker does it every hour."""
    return {
        "users": User.objects.filter(is_active=True).count(),
        "sessions": Session.objects.filter(expire_date__gt=timezone.now()).count(),
    }


def status_items(facts: Facts) -> list[Item]:
    """Return users and active sessions as of the last count."""

    def users(found: dict) -> str:
        return ngettext("%(n)s active user", "%(n)s active users", found["users"]) % {
            "n": f"{found['users']:,}"
        }

    def sessions(found: dict) -> str:
        return _("%(n)s active") % {"n": f"{found['sessions']:,}"}

    people = facts.get("people")
    return [
        signal_of_fact(gettext_lazy("Users"), people, users, url=reverse("admin:accounts_user_changelist")),
        signal_of_fact(gettext_lazy("Sessions"), people, sessions),
    ]
