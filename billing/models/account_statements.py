"""Account statements: a client's ledger of a span as a stored PDF, or those of all clients in one zip."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.clients import Client
from billtracker.core.audit import OFFICE
from billtracker.core.money import CurrencyField
from billtracker.core.periods import DayField


class AccountStatement(models.Model):
    """One that was asked for; the worker makes it. Without a client it packs ``parts`` into a zip."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, null=True, blank=True, related_name="account_statements"
    )
    currency = CurrencyField(blank=True)
    first_day = DayField()
    last_day = DayField(help_text="Included.")
    batch = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True, help_text="What could not be made.")
    path = models.CharField(max_length=200, blank=True, help_text="Within the media storage.")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    audit_scope = OFFICE

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="account_span_in_order"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(made_at__isnull=False) & ~Q(sha256=""),
                name="account_done_is_stored",
            ),
        ]

    def __str__(self) -> str:
        return f"Account of {self.client or 'all clients'}, {self.first_day} to {self.last_day}"
