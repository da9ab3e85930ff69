"""A process that plans, posts and delivers the same reminders round after round, as fast as it can."""

import datetime as dt
import sys

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from billtracker.accounts.models import User  # noqa: E402
from notifications import services  # noqa: E402
from notifications.reports import recipients_of  # noqa: E402
from notifications.services import Wanted  # noqa: E402

SUBJECTS = ("rent", "gas", "water")


def walk_round(now: dt.datetime) -> None:
    """Plan for everybody, post what is due, deliver what waits."""
    people = recipients_of(User.objects.order_by("pk"), time_zone="UTC")
    yesterday = now.date() - dt.timedelta(days=1)
    wanted = [Wanted(one, subject, "on the day", yesterday) for one in people for subject in SUBJECTS]
    services.plan_reminders(scope="household:1", wanted=wanted, why_not=lambda row: "Paid", now=now)
    for scope, recipient in services.due_reminders(now=now):
        with transaction.atomic():
            rows = services.lock_due(scope=scope, recipient=recipient, now=now)
            if rows:
                services.post_reminders(reminders=rows, subject="Due", text="Due", html="")
    services.deliver_waiting()


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        walk_round(timezone.now())
