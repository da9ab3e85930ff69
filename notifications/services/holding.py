"""After a restore nothing leaves by itself: what waited then may have gone out since."""

from django.db import transaction
from django.utils import timezone

from billtracker.accounts.models import User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.models import Restoration
from billtracker.core.process import jobs
from notifications.models import Message, Reminder

WITHDRAWN = "It waited when a backup was restored, and an administrator took it back."


@transaction.atomic
def release_held_mail(*, actor: User, withdraw: bool) -> int:
    """Let messages go out again; with ``withdraw`` those that wait until now are taken back first.

    Returns how many wait now, or were taken back. Raises DomainError when nothing is held.
    """
    held = Restoration.objects.filter(mail_released_at=None)
    newest = held.order_by("-pk").first()
    if newest is None or not held.update(mail_released_at=timezone.now()):
        raise DomainError("No mail is held. Nothing was changed.")
    waiting = Message.objects.untouched()
    count = _take_back_all() if withdraw else waiting.count()
    changes = {"mail": ["held", "withdrawn" if withdraw else "released"], "messages": [None, count]}
    audit.record(actor, "mail.released", newest, changes, scope=audit.OFFICE)
    jobs.enqueue("notifications.tasks.deliver")
    return count


def _take_back_all() -> int:
    """Withdraw every message that is still to go out, and the reminders that are in them or planned."""
    now = timezone.now()
    ended = {"withdrawn_at": now, "reason": WITHDRAWN}
    waiting = Message.objects.untouched()
    Reminder.objects.filter(message__in=waiting.values("pk")).update(message=None, **ended)
    Reminder.objects.planned().filter(due_at__lte=now).update(**ended)
    return waiting.withdraw(WITHDRAWN)
