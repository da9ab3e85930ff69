"""Posting: a message is a row of the outbox, written in the transaction of what it tells about."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError
from billtracker.core.process import jobs
from billtracker.core.settings import runtime_settings
from notifications.models import Attachment, Channel, Message, Reminder
from notifications.transport.plain_text import block, one_line

UNSUBSCRIBE = "notifications.unsubscribe"  # the salt of the links in mail
SUBJECT_LENGTH = 200
NAME_LENGTH = 120
# Later than this "due tomorrow" is wrong; the next stage, or the list of what is overdue, says it right.
REMINDER_LASTS = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file of the media storage that goes along: read when the message is sent, never made again."""

    name: str
    path: str
    content_type: str
    sha256: str
    size: int


@transaction.atomic
def post(
    *,
    kind: str,
    subject: str,
    text: str,
    html: str = "",
    user: User | None = None,
    channel: Channel | None = None,
    address: str = "",
    once_key: str | None = None,
    expires_at: dt.datetime | None = None,
    unsubscribe: bool = False,
    about: str = "",
    files: Sequence[StoredAttachment] = (),
) -> Message:
    """Put a message to a user, a channel or an address into the outbox and wake the worker.

    What was posted under the same ``once_key`` is returned as it is. With ``unsubscribe`` mail to a
    user carries a link that switches reminders by mail off. ``about`` names the one thing it tells
    about; ``files`` go along. Raises DomainError for an address that cannot be used.
    """
    fields = envelope(
        kind=kind,
        subject=subject,
        text=text,
        html=html,
        expires_at=expires_at,
        about=about,
        **destination(user, channel, address),
    )
    if unsubscribe and user and not channel:
        fields["unsubscribe_path"] = reverse("notifications:unsubscribe", args=[unsubscribe_token(user)])
    # Whoever waits already has woken the worker, which takes one message after the other.
    is_first = not Message.objects.due(fields["created_at"]).exists()
    message, is_new = _write(once_key, fields)
    if is_new:
        _attach(message, files)
    if is_new and is_first:
        jobs.enqueue("notifications.tasks.deliver")
    return message


def envelope(*, kind: str, subject: str, text: str, html: str = "", **fields) -> dict:
    """Return the fields of a message that is due now, its words cleaned."""
    now = timezone.now()
    return {
        "kind": kind,
        "subject": one_line(subject, SUBJECT_LENGTH),
        "text": block(text),
        "html": block(html),
        "created_at": now,
        "next_try_at": now,
        "message_id": _new_message_id(),
        **fields,
    }


def _attach(message: Message, files: Sequence[StoredAttachment]) -> None:
    """Note which files go along, each under a name that no header is broken by."""
    for file in files:
        Attachment.objects.create(
            message=message,
            name=one_line(file.name, NAME_LENGTH),
            path=file.path,
            content_type=file.content_type,
            sha256=file.sha256,
            size=file.size,
        )


def _write(once_key: str | None, fields: dict) -> tuple[Message, bool]:
    """Write the message unless one with this key is there; return it and whether it is new."""
    if once_key is None:
        return Message.objects.create(**fields), True
    return Message.objects.get_or_create(once_key=once_key, defaults=fields)


def destination(user: User | None, channel: Channel | None, address: str) -> dict:
    """Return the fields that say where a message goes; DomainError for an unusable address."""
    if channel:
        return {"via": Message.Via.CHANNEL, "channel": channel, "user": user or channel.user}
    address = address or (user.email if user else "")
    _require_usable_address(address)
    return {"via": Message.Via.MAIL, "address": address, "user": user}


def _require_usable_address(address: str) -> None:
    """Raise DomainError for what is no mail address, or could be more than one."""
    try:
        validate_email(address)
    except ValidationError:
        raise DomainError("This is no mail address that can be used. Nothing was sent.") from None
    if len(address) > 254 or not address.isprintable():
        raise DomainError("This is no mail address that can be used. Nothing was sent.")


def _new_message_id() -> str:
    """Return a Message-ID that no other message has, under the sender's domain."""
    domain = str(runtime_settings.get("mail_from_address")).rpartition("@")[2].strip().lower()
    is_plain = domain.isascii() and domain.replace(".", "").replace("-", "").isalnum() and len(domain) < 128
    return f"<{uuid.uuid4().hex}@{domain if is_plain else 'billtracker.local'}>"


def user_of_token(token: str) -> User | None:
    """Return whom an unsubscribe link was written to, None for one that is none of ours."""
    try:
        key = signing.loads(token, salt=UNSUBSCRIBE)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key).first()


def unsubscribe_token(user: User) -> str:
    """Return what the link in a mail proves: that it was written to this person."""
    return signing.dumps(user.pk, salt=UNSUBSCRIBE)


@transaction.atomic
def post_reminders(*, reminders: Sequence[Reminder], subject: str, text: str, html: str) -> Message:
    """Post one message about these reminders, all of one recipient, and note on each that it is in it.

    Call it in the transaction in which ``lock_due`` gave them. Raises DomainError like ``post``.
    """
    first = reminders[0]
    if {row.recipient for row in reminders} != {first.recipient}:
        raise ValueError("One message has one recipient.")
    if ":channel:" in first.recipient and first.channel is None:
        raise DomainError("This channel was removed. Nothing was sent.")
    address = first.recipient.removeprefix("address:") if first.recipient.startswith("address:") else ""
    message = post(
        kind="reminder",
        subject=subject,
        text=text,
        html=html,
        user=first.user,
        channel=first.channel,
        address=address,
        unsubscribe=True,
        expires_at=timezone.now() + REMINDER_LASTS,
    )
    Reminder.objects.planned().filter(pk__in=[row.pk for row in reminders]).update(message=message)
    return message
