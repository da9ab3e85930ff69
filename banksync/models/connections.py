"""Connections to a SimpleFIN provider, every request that was sent to it, and every sync."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from billtracker.accounts.models import Household
from billtracker.core.audit import Scope
from billtracker.core.crypto import EncryptedTextField


class ConnectionQuerySet(models.QuerySet):
    def syncing_by_itself(self, now):
        """Connections that are asked by the clock: in order, and not paused after a warning."""
        return self.filter(Q(paused_until=None) | Q(paused_until__lte=now), state=Connection.State.ACTIVE)


class Connection(models.Model):
    """What one access URL opens: the accounts of one or more banks."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Waiting for confirmation"
        ACTIVE = "active", "Connected"
        NEEDS_RECONNECT = "needs_reconnect", "Needs reconnect"
        PAYMENT_REQUIRED = "payment_required", "Subscription lapsed"
        DISCONNECTED = "disconnected", "Disconnected"

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="bank_connections")
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=253, help_text="The server that is asked.")
    access_url = EncryptedTextField(blank=True, default="", editable=False)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    minute = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(59)], help_text="The minute of the hour at which it is asked."
    )
    has_pending = models.BooleanField(default=False, help_text="Ask for pending transactions too.")
    created_at = models.DateTimeField(auto_now_add=True)
    # The lease of the one sync that may run; it ends by itself if its process dies.
    locked_until = models.DateTimeField(null=True, blank=True, editable=False)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="After a warning about the quota.")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="The last sync, good or bad.")
    synced_at = models.DateTimeField(null=True, blank=True, help_text="The last sync that got an answer.")
    error = models.CharField(max_length=300, blank=True, help_text="What the last sync complained about.")

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["unconfirmed", "active", "needs_reconnect", "payment_required", "disconnected"]
                ),
                name="bank_connection_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="disconnected", access_url="")
                | (~Q(state="disconnected") & ~Q(access_url="")),
                name="bank_connection_has_access",
            ),
            models.CheckConstraint(condition=Q(minute__lte=59), name="bank_connection_minute_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_scope(self) -> Scope:
        return Scope.of_household(self.household_id)


class RequestRecord(models.Model):
    """One request to the provider, written before it is sent: failures count in its quota too."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="requests")
    at = models.DateTimeField()
    is_manual = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["connection", "at"], name="bank_request_of_connection")]

    def __str__(self) -> str:
        return f"request at {self.at:%Y-%m-%d %H:%M}"


class SyncRun(models.Model):
    """One sync: when, for whom, what it brought, and what was wrong."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        OK = "ok", "OK"
        PARTIAL = "partial", "Partial"
        FAILED = "failed", "Failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    is_manual = models.BooleanField(default=False)
    is_backfill = models.BooleanField(
        default=False, help_text="Ask again for as many days as the first time."
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(help_text="When it was asked for.")
    ended_at = models.DateTimeField(null=True, blank=True)
    asked_from = models.DateField(null=True, blank=True, help_text="The first day it asked for.")
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    withdrawn_count = models.PositiveIntegerField(default=0)
    odd_count = models.PositiveIntegerField(default=0, help_text="Rows that were left out.")
    errors = models.JSONField(default=list, help_text="What the server complained about, a sentence each.")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at=None)
                | Q(state__in=["ok", "partial", "failed"], ended_at__isnull=False),
                name="bank_sync_run_ends",
            ),
        ]
        indexes = [models.Index(fields=["connection", "-asked_at"], name="bank_sync_run_newest")]

    def __str__(self) -> str:
        return f"sync of {self.asked_at:%Y-%m-%d %H:%M}"
