"""Who the office is, and which day it has."""

import datetime as dt

from django.conf import settings

from billing.models import OfficeProfile
from billtracker.core.periods import today


def office_profile() -> OfficeProfile:
    """Return the office's profile; before anybody filled it in, an empty one that is not stored."""
    return OfficeProfile.objects.first() or OfficeProfile(name="", time_zone=settings.TIME_ZONE)


def office_today() -> dt.date:
    """Return the date in the office's time zone."""
    return today(office_profile().time_zone)
