"""What an administrator does with messages that did not go out, and what time does with the rest."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from billtracker.accounts.models import User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.process import jobs
from notifications.models import Message, Reminder

KEEP = dt.timedelta(days=90)
GIVEN_UP = "An administrator gave it up."


@transaction.atomic
def retry_message(*, actor: User, message: Message, may_arrive_twice: bool = False) -> Message:
    """Have a failed message tried again now, with all its tries before it; audited.

    Raises DomainError for one that did not fail, whose text is gone, or that may have arrived
    already, unless ``may_arrive_twice`` says that this is known.
    """
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.state != Message.State.FAILED:
        raise DomainError("Only a failed message can be tried again. Nothing was changed.")
    if message.is_emptied:
        raise DomainError("The text of this mail is gone; it has to be asked for again.")
    if message.may_have_arrived and not may_arrive_twice:
        raise DomainError("This message may have arrived. Confirm that it may come a second time.")
    now = timezone.now()
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.WAITING,
        next_try_at=now,
        tries_count=0,
        handed_over_at=None,
        expires_at=_fresh_end(message, now),
    )
    audit.record(actor, "message.retried", message, scope=audit.OFFICE)
    jobs.enqueue("notifications.tasks.deliver")
    message.refresh_from_db()
    return message


def _fresh_end(message: Message, now: dt.datetime) -> dt.datetime | None:
    """Return when it gets too old: as long from now as it was meant to last from the start."""
    return now + (message.expires_at - message.created_at) if message.expires_at else None


@transaction.atomic
def give_up_message(*, actor: User, message: Message) -> None:
    """Take back a message that waits or is to be tried again; audited. DomainError when it is neither."""
    if not Message.objects.filter(pk=message.pk).withdraw(GIVEN_UP):
        raise DomainError("This message is not waiting any more. Nothing was changed.")
    audit.record(actor, "message.given_up", message, scope=audit.OFFICE)


def trim_messages(*, older_than: dt.timedelta = KEEP) -> dict[str, int]:
    """Remove what was sent, withdrawn or given up and was posted that long ago; returns how many messages.

    Texts about accounts that ended at all are emptied before.
    """
    closed = Message.objects.closed()
    closed.filter(kind=Message.ACCOUNT).exclude(text="").update(text="", html="")
    old = closed.filter(created_at__lte=timezone.now() - older_than)
    # With them goes what they told: without its message a reminder would count as planned again.
    Reminder.objects.filter(message__in=old).delete()
    _, by_model = old.delete()
    return {"messages": by_model.get(Message._meta.label, 0)}
