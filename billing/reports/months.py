"""Whether a month is shut: to everybody, or to who has no leave."""

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from billing.models import Period, PeriodException

State = Period.State


def why_shut(day: dt.date, actor=None) -> str:
    """Say why nothing may be dated into the day's month, ``September 2025 is locked.``; empty when open.

    The actor's leave opens a locked month to them; nobody's opens a closed one. One query.
    """
    leave = PeriodException.objects.filter(period=OuterRef("pk"), user=actor, until__gt=timezone.now())
    shut = Q(state=State.CLOSED) | Q(
        ~Exists(leave.filter(ended_at=None)), state=State.LOCKED, starts_on__lte=day
    )
    states = set(Period.objects.filter(shut, ends_before__gt=day).values_list("state", flat=True))
    if not states:
        return ""
    return f"{day:%B %Y} is {'closed' if State.CLOSED in states else 'locked'}."


def closed_before() -> dt.date | None:
    """Return the first day that no close covers, None before the first close."""
    return Period.objects.filter(state=State.CLOSED).aggregate(end=Max("ends_before"))["end"]


def last_closed() -> Period | None:
    return Period.objects.filter(state=State.CLOSED).order_by("-starts_on").first()
