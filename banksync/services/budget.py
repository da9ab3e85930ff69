"""The provider's quota: each request is written down before it is sent, so that a restart forgets none."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from banksync.models import Connection, RequestRecord
from banksync.rules.timing import BUDGET, DAY, requests_left
from billtracker.core.exceptions import LimitReached

KEPT = 7 * DAY


@transaction.atomic
def reserve_request(*, connection: Connection, is_manual: bool) -> None:
    """Count a request that is about to be sent. Raises LimitReached when the day has had its share."""
    # Its row lock puts those who ask at the same moment in order.
    Connection.objects.select_for_update().get(pk=connection.pk)
    now = timezone.now()
    connection.requests.filter(at__lt=now - KEPT).delete()
    recent = connection.requests.filter(at__gt=now - DAY).order_by("at")
    moments = list(recent.values_list("at", flat=True))
    if not requests_left(len(moments), is_manual=is_manual):
        raise LimitReached(
            f"{len(moments)} of {BUDGET} requests were used in the last 24 hours; the provider takes no "
            "more. What was stored is unharmed; try again later.",
            seconds=_seconds_until_one_is_left(moments, now, is_manual),
        )
    RequestRecord.objects.create(connection=connection, at=now, is_manual=is_manual)


def _seconds_until_one_is_left(moments: list[dt.datetime], now: dt.datetime, is_manual: bool) -> int:
    over = len(moments) - requests_left(0, is_manual=is_manual)
    return max(1, int((moments[over] + DAY - now).total_seconds()))
