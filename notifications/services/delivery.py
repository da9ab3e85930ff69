"""Delivery: one process at a time hands messages over, one by one, and believes nobody but the other side.

No transaction is open while the network is. What a process did is in the row before it does the next
thing, so that whoever comes after its death knows what may have arrived.
"""

import datetime as dt
import logging
import time
from dataclasses import dataclass, field

from django.db.models import F
from django.utils import timezone

from billtracker.core.crypto import is_lost
from billtracker.core.data.named_locks import try_database_lock
from billtracker.core.settings import runtime_settings
from notifications.models import Message, Preferences
from notifications.reports import is_mail_configured, is_mail_held
from notifications.transport import channels, smtp
from notifications.transport.failures import FailureKind, NotSent
from notifications.transport.mail_message import letter

logger = logging.getLogger(__name__)

BUDGET = 60.0  # seconds; well below the time-out of a job
# How long after each try the next one comes: ten tries within three and a half days, then it is given up.
WAITS = [dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
# A wrong password is mended by a person, and tried too often it locks the account.
SIGN_IN_WAIT = dt.timedelta(minutes=15)
# A test is sent by the page that asks for it, beside the worker; nothing it does lasts longer.
TEST_LASTS = dt.timedelta(minutes=5)
STOPPED = "The server stopped while it was handed over; it may have arrived."
TOO_OLD = "It was too old to be sent."
LOST_TEXT = "Its text cannot be opened with today's ENCRYPTION_KEYS, so it has to be written again."
LOST_ADDRESS = "The channel's address cannot be opened with today's ENCRYPTION_KEYS. Enter it again."


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How many messages went out and failed in a run, and how many are still due."""

    sent: int = 0
    failed: int = 0
    left: int = 0

    def __str__(self) -> str:
        return f"Sent {self.sent}, failed {self.failed}, {self.left} left."


@dataclass
class DeliveryRun:
    """One run of the post: its clock, its connection, and whether the mail server failed in it."""

    now: dt.datetime | None = None
    ends_at: float = 0.0
    has_mail: bool = True
    time_out: float | None = None
    mail: smtp.Connection | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"sent": 0, "failed": 0})

    def clock(self) -> dt.datetime:
        return self.now or timezone.now()

    def next_message(self) -> Message | None:
        """Return what is due longest and may be tried in this run."""
        due = Message.objects.due(self.clock()).select_related("user", "channel")
        if not self.has_mail:
            due = due.exclude(via=Message.Via.MAIL)
        return due.order_by("next_try_at", "pk").first()

    def end(self) -> None:
        if self.mail is not None:
            self.mail.end()

    def connection(self) -> smtp.Connection:
        if self.mail is None:
            self.mail = smtp.Connection(smtp.known_server(), self.time_out)
        return self.mail


def deliver_waiting(*, now: dt.datetime | None = None, budget: float = BUDGET) -> DeliveryResult:
    """Hand over what is due, one after the other, for at most ``budget`` seconds.

    Leaves at once when another process does so, or while mail is held after a restore. Safe at any
    time and in any number of processes.
    """
    with try_database_lock("delivery") as is_mine:
        if not is_mine or not runtime_settings.get("notifications_enabled") or is_mail_held():
            return DeliveryResult(left=Message.objects.due(now or timezone.now()).count())
        run = DeliveryRun(now, time.monotonic() + budget, is_mail_configured())
        _clear_up(run.clock())
        try:
            while time.monotonic() < run.ends_at and (message := run.next_message()):
                deliver(run, message)
        finally:
            run.end()
        return DeliveryResult(**run.counts, left=Message.objects.due(run.clock()).count())


def _clear_up(now: dt.datetime) -> None:
    """Take over from a process that died, and take back what is too old; the caller holds the lock."""
    dead = Message.objects.unfinished().exclude(kind="test", tried_at__gt=now - TEST_LASTS)
    dead.filter(handed_over_at=None).update(state=Message.State.WAITING, next_try_at=now)
    given_up = {"state": Message.State.FAILED, "reason": STOPPED}
    dead.filter(kind=Message.ACCOUNT).update(text="", html="", **given_up)
    dead.update(**given_up)
    Message.objects.filter(expires_at__lte=now).withdraw(TOO_OLD)


# --- one message -------------------------------------------------------------------------------
def deliver(run: DeliveryRun, message: Message) -> None:
    """Claim the message and send it, if it is still to be had and still wanted."""
    if not _claim(message, run.clock()):
        return
    if reason := _why_withdrawn(message, run.clock()):
        _finish(message, state=Message.State.WITHDRAWN, reason=reason)
    else:
        send(run, message)


def send(run: DeliveryRun, message: Message) -> None:
    """Hand a claimed message over and keep the outcome; never raises for what the network does."""
    try:
        _hand_over(run, message)
    except NotSent as failure:
        run.counts["failed"] += 1
        _keep_failure(message, failure, run.clock())
        if failure.is_server_failure:
            run.has_mail = False
    except Exception as error:
        logger.exception("Handing over message %s failed", message.pk)
        run.counts["failed"] += 1
        unexpected = NotSent(f"It could not be handed over ({type(error).__name__}).", FailureKind.MESSAGE)
        _keep_failure(message, unexpected, run.clock())
    else:
        run.counts["sent"] += 1
        _finish(message, state=Message.State.SENT, reason="", sent_at=run.clock())


def _claim(message: Message, now: dt.datetime) -> bool:
    """Take the message for this process; False when it is no longer to be had."""
    taken = (
        Message.objects.due(now)
        .filter(pk=message.pk)
        .update(
            state=Message.State.SENDING,
            next_try_at=None,
            reason="",
            is_server_failure=False,
            handed_over_at=None,
            tried_at=now,
            tries_count=F("tries_count") + 1,
        )
    )
    message.tries_count += taken
    return bool(taken)


def _why_withdrawn(message: Message, now: dt.datetime) -> str:
    """Say why the message must not go out any more, or nothing."""
    if message.expires_at and message.expires_at <= now:
        return TOO_OLD
    if message.via == Message.Via.CHANNEL and (message.channel is None or not message.channel.is_active):
        return "The channel was removed or switched off."
    if message.kind != "reminder" or message.user is None:
        return ""
    if not message.user.is_active:
        return "The recipient's account is switched off."
    is_off = Preferences.objects.filter(user=message.user, is_reminded_by_mail=False)
    if message.via == Message.Via.MAIL and is_off.exists():
        return "The recipient switched reminders by mail off."
    return ""


def _hand_over(run: DeliveryRun, message: Message) -> None:
    """Give the message to the other side; raises NotSent unless it was accepted."""
    if is_lost(message.text) or is_lost(message.html):
        raise NotSent(LOST_TEXT, FailureKind.REFUSED)
    if message.via == Message.Via.CHANNEL:
        _hand_over_to_channel(message, run.clock())
    else:
        _hand_over_to_server(run.connection(), message, run.clock())


def _hand_over_to_channel(message: Message, now: dt.datetime) -> None:
    address = message.channel.address if message.channel else ""
    if is_lost(address):
        raise NotSent(LOST_ADDRESS, FailureKind.REFUSED)
    _note_hand_over(message, now)
    channels.hand_over(address, subject=message.subject, text=message.text)


def _hand_over_to_server(connection: smtp.Connection, message: Message, now: dt.datetime) -> None:
    server = connection.server
    mail = letter(message, from_address=server.from_address, from_name=server.from_name)
    connection.open()
    _note_hand_over(message, now)
    connection.hand_over(mail)


def _note_hand_over(message: Message, now: dt.datetime) -> None:
    """Write down, before it is so, that the other side may get the message."""
    Message.objects.filter(pk=message.pk).update(handed_over_at=now)


# --- outcomes ----------------------------------------------------------------------------------
def _finish(message: Message, **fields) -> None:
    """Keep how it ended; the text of a mail about an account goes."""
    if message.kind == Message.ACCOUNT:
        fields |= {"text": "", "html": ""}
    Message.objects.unfinished().filter(pk=message.pk).update(**fields)


def _keep_failure(message: Message, failure: NotSent, now: dt.datetime) -> None:
    """Keep why it failed and when it is tried again, if at all; it surely did not arrive."""
    next_try_at = _next_try(message, failure, now)
    fields = {
        "state": Message.State.FAILED, "reason": failure.reason, "next_try_at": next_try_at,
        "is_server_failure": failure.is_server_failure, "handed_over_at": None,
    }  # fmt: skip
    if next_try_at is None:
        _finish(message, **fields)
    else:
        Message.objects.unfinished().filter(pk=message.pk).update(**fields)
    if failure.fault is FailureKind.SIGN_IN:
        mail = Message.objects.due(now).filter(via=Message.Via.MAIL)
        mail.update(next_try_at=now + SIGN_IN_WAIT)


def _next_try(message: Message, failure: NotSent, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again; None after a refusal for good, the last try, or when it would be too old."""
    if failure.fault is FailureKind.REFUSED or message.tries_count > len(WAITS) or message.kind == "test":
        return None
    wait = WAITS[message.tries_count - 1]
    moment = now + (max(wait, SIGN_IN_WAIT) if failure.fault is FailureKind.SIGN_IN else wait)
    return None if message.expires_at and moment >= message.expires_at else moment
