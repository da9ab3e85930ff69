"""What every page's frame needs to know: the main menu and the person's households."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billtracker.accounts.services import OFFICE_ROLES


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the main menu; it is the current one under its own address and its prefixes."""

    name: str
    label: str | Promise
    icon: str
    prefixes: tuple[str, ...]
    # Who of the office is let in; empty for everybody.
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A place as this request sees it."""

    url: str
    label: str | Promise
    icon: str
    is_current: bool


HOUSEHOLD = (
    Place("bills:tracker", _("Tracker"), "calendar-days", ("/tracker/",)),
    Place("bills:bill_list", _("Bills"), "banknotes", ("/bills/",)),
    Place("bills:category_list", _("Categories"), "tag", ("/categories/",)),
    Place("bills:data", _("Data"), "arrow-down-tray", ("/data/",)),
    Place("accounts:household", _("Household"), "home-modern", ("/household/",)),
    Place("bills:bin", _("Bin"), "trash", ("/bin/",)),
)
OFFICE = (
    Place("billing:office_home", _("Today"), "home", ()),
    Place("billing:review_desk", _("Review"), "eye", ("/billing/review/",)),
    Place("billing:statement_list", _("Statements"), "document-text", ("/billing/statements/",)),
    Place(
        "billing:payment_list", _("Payments"), "banknotes", ("/billing/payments/", "/billing/credit-notes/")
    ),
    Place(
        "billing:client_list",
        _("Clients"),
        "building-office-2",
        (
            "/billing/clients/",
            "/billing/engagements/",
            "/billing/files/",
            "/billing/accounts/",
            "/billing/payer-groups/",
        ),
    ),
    Place("billing:cycle_list", _("Retainer cycle"), "arrow-path-rounded-square", ("/billing/cycle/",)),
    Place("billing:report_list", _("Reports"), "chart-bar", ("/billing/reports/",)),
    Place("billing:period_list", _("Months"), "lock-closed", ("/billing/periods/",)),
    Place("billing:number_register", _("Numbers"), "hashtag", ("/billing/sequences/",)),
    Place("billing:office_audit", _("Audit"), "shield-check", ("/billing/audit/",), ("Admin", "Reviewer")),
    Place("billing:office_users", _("Users"), "users", ("/billing/users/",), ("Admin",)),
    Place("billing:office_profile", _("Office"), "briefcase", ("/billing/office/",)),
)
SERVER = (
    Place(
        "opsstatus:status",
        _("Status"),
        "heart",
        ("/admin/settings/", "/admin/jobs/", "/admin/errors/", "/admin/cleanup/"),
    ),
    Place("backups:backups", _("Backups"), "archive-box", ()),
    Place("notifications:mail_list", _("Mail"), "envelope", ()),
    Place("admin:index", _("Admin"), "wrench-screwdriver", ("/admin/",)),
)
ON_THE_BAR = 4  # how many places the phone's bottom bar shows beside "More"


def menu(places: tuple[Place, ...], path: str) -> list[MenuItem]:
    """Return the places that exist on this server; the one that fits ``path`` best is the current one."""
    found = []
    for place in places:
        try:
            found.append((place, reverse(place.name)))
        except NoReverseMatch:
            continue
    fits = {place.name: _fit(place, url, path) for place, url in found}
    best = max(fits.values(), default=0)
    return [
        MenuItem(url, place.label, place.icon, is_current=0 < fits[place.name] == best)
        for place, url in found
    ]


def _fit(place: Place, url: str, path: str) -> int:
    """Return how much of the path is the place's own address or one of its prefixes, in letters."""
    if path == "/" and place.name == "bills:tracker":
        return 1
    return max(len(start) if path.startswith(start) else 0 for start in (url, *place.prefixes))


def navigation(request: HttpRequest) -> dict:
    """Give templates the menu, ``membership`` and ``memberships``; nothing of it to strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"membership": None, "memberships": [], "main_menu": []}
    # Office pages appear with an office role only: one question for each page.
    roles = set(user.groups.filter(name__in=OFFICE_ROLES).values_list("name", flat=True))
    places = tuple(place for place in OFFICE if not place.roles or roles.intersection(place.roles))
    return {
        "membership": getattr(request, "membership", None),
        "memberships": getattr(request, "memberships", []),
        "main_menu": menu(HOUSEHOLD, request.path),
        "office_menu": menu(places, request.path) if roles else [],
        "server_menu": menu(SERVER, request.path) if user.is_superuser else [],
        "bar_length": ON_THE_BAR,
    }
