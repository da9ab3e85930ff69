"""What can be done with a person's further channels: add, test, remove."""

from django.db import transaction
from django.utils import timezone

from billtracker.accounts.models import User
from billtracker.core import audit
from billtracker.core.crypto import is_lost
from billtracker.core.exceptions import DomainError
from notifications.models import Channel, Message, Reminder
from notifications.services.messages import post
from notifications.services.reminders import take_back_messages
from notifications.transport.channels import service_of

MOST = 10
REMOVED = "The channel was removed."


@transaction.atomic
def add_channel(*, actor: User, name: str, address: str) -> Channel:
    """Keep a further way to reach the actor; audited without the address.

    Raises DomainError for an address of no service we know, and for an eleventh channel.
    """
    service = service_of(address)
    if actor.channels.count() >= MOST:
        raise DomainError(f"You have {MOST} channels. Remove one first; nothing was saved.")
    channel = Channel.objects.create(user=actor, name=name, service=service, address=address.strip())
    audit.record(actor, "channel.added", channel, {"service": [None, service]}, scope=audit.OFFICE)
    return channel


@transaction.atomic
def try_channel(*, actor: User, channel: Channel) -> Message:
    """Post one test message to the channel. Raises DomainError when its address' key is lost."""
    if is_lost(channel.address):
        raise DomainError("The address of this channel can no longer be read. Remove it and enter it again.")
    text = f"This is the test that {actor.get_username()} asked for. Reminders come here too."
    return post(kind="test", subject="Test from BillTracker", text=text, channel=channel, user=actor)


@transaction.atomic
def remove_channel(*, actor: User, channel: Channel) -> None:
    """Forget a channel; what was to go there is withdrawn; audited."""
    there = Reminder.objects.filter(channel=channel)
    withdrawn = {"withdrawn_at": timezone.now(), "reason": REMOVED}
    there.planned().update(**withdrawn)
    there.filter(message__in=take_back_messages(there, REMOVED)).update(message=None, **withdrawn)
    audit.record(actor, "channel.removed", channel, {"service": [channel.service, None]}, scope=audit.OFFICE)
    channel.delete()
