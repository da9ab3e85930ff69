"""Who the office is."""

from django.conf import settings

from billing.models import OfficeProfile


def office_profile() -> OfficeProfile:
    """Return the office's profile; before anybody filled it in, an empty one that is not stored."""
    return OfficeProfile.objects.first() or OfficeProfile(name="", time_zone=settings.TIME_ZONE)
