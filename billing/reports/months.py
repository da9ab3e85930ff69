"""Whether a month is shut: to everybody, or to who has no leave."""

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q

from billing.models import Period, PeriodException

State = Period.State


def why_shut(day: dt.date, actor=None) -> str:
    """Say why nothing may be dated into the day's month, ``September 2025 is locked.``; empty when open.

    The actor's leave opens a locked month to them; nobody's opens a closed one. One query.
    """
    leave = PeriodException.objects.live().filter(period=OuterRef("pk"), user=actor)
    shut = Q(state=State.CLOSED) | Q(~Exists(leave), state=State.LOCKED, starts_on__lte=day)
    states = set(Period.objects.filter(shut, ends_before__gt=day).values_list("state", flat=True))
    if not states:
        return ""
    return f"{day:%B %Y} is {'closed' if State.CLOSED in states else 'locked'}."


def closed_before() -> dt.date | None:
    """Return the first day that no close covers, None before the first close."""
    return Period.objects.closed().aggregate(end=Max("ends_before"))["end"]


def last_closed() -> Period | None:
    return Period.objects.closed().order_by("-starts_on").first()
