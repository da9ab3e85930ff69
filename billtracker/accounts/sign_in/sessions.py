"""Sessions whose time is over."""

import datetime as dt

from django.contrib.sessions.models import Session
from django.utils import timezone


def remove_expired_sessions(*, older_than: dt.timedelta = dt.timedelta()) -> dict[str, int]:
    """Remove sessions that ended that long ago; returns how many. They let nobody in any more."""
    ended = Session.objects.filter(expire_date__lte=timezone.now() - older_than)
    return {"sessions": ended.delete()[0]}
