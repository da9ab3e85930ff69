"""Who the office is, which day it has, and who works in it."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from billing.models import OfficeProfile
from billing.rules.policy import OfficeRole
from billtracker.accounts.models import User
from billtracker.core.periods import today


def office_profile() -> OfficeProfile:
    """Return the office's profile; before anybody filled it in, an empty one that is not stored."""
    return OfficeProfile.objects.first() or OfficeProfile(name="", time_zone=settings.TIME_ZONE)


def office_today() -> dt.date:
    """Return the date in the office's time zone."""
    return today(office_profile().time_zone)


# --- its users ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OfficeUser:
    """An account with at least one of the office's roles."""

    user: User
    roles: tuple[OfficeRole, ...]


def office_members() -> QuerySet[User]:
    """Return the accounts with a role in the office by name, switched-off ones too."""
    return User.objects.filter(groups__name__in=list(OfficeRole)).distinct().order_by("username")


def office_user(user: User) -> OfficeUser:
    """Return the account with its roles in the order of the table; its groups may be prefetched."""
    names = {group.name for group in user.groups.all()}
    return OfficeUser(user, tuple(role for role in OfficeRole if role in names))
