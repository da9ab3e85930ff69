"""Mail that a person asks for or must not miss: a test of the settings, an alert to the administrators."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from billtracker.accounts.models import User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.settings import runtime_settings
from notifications.models import Message
from notifications.reports import is_mail_configured
from notifications.services import delivery
from notifications.services.messages import destination, envelope, post

TEST_TIME_OUT = 10.0  # seconds; a person waits
ALERT_LASTS = dt.timedelta(days=7)
TEST_TEXT = "This is the test message that was asked for on the settings page. Mail from BillTracker arrives."


def send_test(*, actor: User, address: str) -> Message:
    """Send a test at once, in this very request; the outcome is in the row that is returned.

    Raises DomainError for an address that cannot be used, and while no mail is sent at all.
    """
    if not runtime_settings.get("notifications_enabled"):
        raise DomainError("Notifications are switched off in the settings. Nothing was sent.")
    if not is_mail_configured():
        raise DomainError("Enter a mail server and a sender's address first. Nothing was sent.")
    message = claimed_test(actor, address)
    run = delivery.DeliveryRun(time_out=TEST_TIME_OUT)
    delivery.send(run, message)
    run.end()
    message.refresh_from_db()
    return message


@transaction.atomic
def claimed_test(actor: User, address: str) -> Message:
    """Write a test that is claimed from the start: the worker must not take it meanwhile."""
    now = timezone.now()
    claimed = {"state": Message.State.SENDING, "next_try_at": None, "tries_count": 1, "tried_at": now}
    fields = envelope(kind="test", subject="Test from BillTracker", text=TEST_TEXT)
    message = Message.objects.create(**fields | destination(None, None, address) | claimed)
    audit.record(actor, "mail.tested", message, scope=audit.OFFICE)
    return message


def alert_administrators(*, key: str, subject: str, sentence: str) -> int:
    """Post one mail to each administrator with an address, once for this key; returns how many are new."""
    people = list(User.objects.administrators().exclude(email=""))
    keys = {f"alert:{key}:{person.pk}"[:200]: person for person in people}
    known = set(Message.objects.filter(once_key__in=keys).values_list("once_key", flat=True))
    for once_key, person in keys.items():
        post(
            kind="alert",
            subject=subject,
            text=sentence,
            user=person,
            once_key=once_key,
            expires_at=timezone.now() + ALERT_LASTS,
        )
    return len(keys.keys() - known)
