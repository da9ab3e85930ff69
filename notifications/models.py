"""What is told to whom: preferences, channels, messages on their way, and reminders that come once."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from billtracker.accounts.models import validate_time_zone
from billtracker.core.crypto import EncryptedTextField


class Preferences(models.Model):
    """How a person wants to be reminded; who never chose has no row and gets the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_preferences",
    )
    is_reminded_by_mail = models.BooleanField(default=True)
    hour = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(condition=Q(hour=None) | Q(hour__lte=23), name="preferences_hour_range")
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user}"


class Channel(models.Model):
    """A further way to reach a person, such as ntfy or Telegram; its address holds a token."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=80)
    service = models.CharField(max_length=40, editable=False, help_text="Which service the address is for.")
    address = EncryptedTextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="channel_named")]

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet):
    def real(self):
        """Messages that were meant to go out; demo data brings some along that never were."""
        return self.exclude(kind=Message.DEMO)

    def about(self, *subjects):
        """Messages that tell about these things, each such as ``billing.document:17``, the latest first."""
        return self.filter(about__in=subjects)

    def due(self, now):
        """Messages to be tried now: new ones, and failed ones whose next try has come."""
        return self.filter(state__in=Message.OPEN, next_try_at__lte=now)

    def untouched(self):
        """Messages that are still to go out and that nobody is sending right now."""
        return self.filter(state__in=Message.OPEN, next_try_at__isnull=False)

    def unfinished(self):
        """Messages whose sending process died: while one process sends, no other one has any."""
        return self.filter(state=Message.State.SENDING)

    def closed(self):
        """Messages with which nothing happens any more."""
        ended = Q(state__in=[Message.State.SENT, Message.State.WITHDRAWN])
        return self.filter(ended | Q(state=Message.State.FAILED, next_try_at=None))

    def withdraw(self, reason: str) -> int:
        """Take back those that nobody is sending; returns how many. Who sends claims by the same rule."""
        ended = {"state": Message.State.WITHDRAWN, "next_try_at": None, "reason": reason[:300]}
        secret = self.untouched().filter(kind=Message.ACCOUNT).update(text="", html="", **ended)
        return secret + self.untouched().update(**ended)


class Message(models.Model):
    """One message to one recipient by one way; "sent" only once the other side accepted it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Via(models.TextChoices):
        MAIL = "mail", "Mail"
        CHANNEL = "channel", "Channel"

    OPEN = (State.WAITING, State.FAILED)
    ACCOUNT = "account"  # the kind whose texts hold links that open an account
    DEMO = "demo"  # the kind of what demo data brings along; it never goes out

    kind = models.CharField(max_length=20, help_text="Such as reminder, account, alert or test.")
    via = models.CharField(max_length=7, choices=Via, default=Via.MAIL)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=254, blank=True, help_text="The mail address.")
    # The same in every try, so that a mail server that got it twice can tell.
    message_id = models.CharField(max_length=200, unique=True)
    # What must be told once carries a key of its own.
    once_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    subject = models.CharField(max_length=200)
    text = EncryptedTextField()
    html = EncryptedTextField(blank=True, default="")
    unsubscribe_path = models.CharField(max_length=300, blank=True)
    about = models.CharField(max_length=80, blank=True, help_text="The one thing that it tells about.")

    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed or was withdrawn.")
    is_server_failure = models.BooleanField(default=False, help_text="The server failed, not this message.")
    tries_count = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True, help_text="The last try.")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it is not tried again.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Not sent after this moment.")
    # Written before the other side gets the content: a process that dies after it leaves "may have arrived".
    handed_over_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="message_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="failed")
                | Q(state="waiting", next_try_at__isnull=False)
                | Q(state__in=["sending", "sent", "withdrawn"], next_try_at=None),
                name="message_next_try",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="message_due"),
            models.Index(fields=["-created_at"], name="message_newest"),
            models.Index(fields=["-tried_at"], name="message_last_tried"),
            models.Index(fields=["about"], condition=~Q(about=""), name="message_about"),
        ]

    def __str__(self) -> str:
        # The audit log and the lists name it so; what it says is between its two sides.
        return f"message {self.pk} ({self.kind})"

    @property
    def is_given_up(self) -> bool:
        return self.state == self.State.FAILED and self.next_try_at is None

    @property
    def may_have_arrived(self) -> bool:
        """Nobody knows: the server that sent it stopped before it heard an answer."""
        return self.is_given_up and self.handed_over_at is not None

    @property
    def is_emptied(self) -> bool:
        """Its text is gone, so it cannot be sent again."""
        return self.text == ""


class Attachment(models.Model):
    """A stored file that goes along with a message: named by its content, read when it is sent."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120, help_text="As the recipient's file is called.")
    path = models.CharField(max_length=200, help_text="Within the media storage.")
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="In bytes.")

    class Meta:
        ordering = ["message", "pk"]

    def __str__(self) -> str:
        return self.name


class ReminderQuerySet(models.QuerySet):
    def planned(self):
        """Reminders that wait for their moment: in no message yet and not withdrawn."""
        return self.filter(message=None, withdrawn_at=None)

    def about(self, *subjects):
        """Reminders of these subjects, each such as ``occurrence:12:2026-11-30``."""
        return self.filter(subject__in=subjects)


class Reminder(models.Model):
    """That one recipient is reminded of one subject at one stage of one date: a row, hence once."""

    recipient = models.CharField(
        max_length=300, help_text="Such as user:5:mail, user:5:channel:7 or address:office@example.org."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    scope = models.CharField(max_length=40, help_text="Whose subjects these are, such as household:3.")
    subject = models.CharField(max_length=80)
    stage = models.CharField(max_length=20)
    date = models.DateField(help_text="The recipient's local day it is for.")
    due_at = models.DateTimeField(help_text="That day at the recipient's hour.")
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="reminders"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was withdrawn.")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "subject", "stage", "date"], name="reminder_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(message=None), name="reminder_withdrawn_is_in_no_message"
            ),
        ]
        indexes = [
            models.Index(fields=["scope", "due_at"], name="reminder_of_scope"),
            models.Index(fields=["subject"], name="reminder_of_subject"),
            models.Index(
                fields=["due_at"], condition=Q(message=None, withdrawn_at=None), name="reminder_planned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.stage}, {self.date}"

    @property
    def is_planned(self) -> bool:
        return self.message_id is None and self.withdrawn_at is None

    @property
    def state(self) -> str:
        """planned, sent, failed or withdrawn."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.message is None or self.message.state in (Message.State.WAITING, Message.State.SENDING):
            return "planned"
        return str(self.message.state)
