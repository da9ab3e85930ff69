"""Accounts at a bank, as the provider names them."""

from django.db import models
from django.db.models import Q

from banksync.models.connections import Connection
from billtracker.core.audit import Scope
from billtracker.core.money.currencies import FINEST_CURRENCY


class BankAccount(models.Model):
    """One account; its id is unique only within its bank, and the bank's only within the connection."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="accounts")
    institution_id = models.CharField(max_length=255, blank=True)
    institution = models.CharField(max_length=100, blank=True)
    remote_id = models.CharField(max_length=255)
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3, blank=True, help_text="Empty for one that is none of ISO 4217.")
    custom_currency = models.CharField(max_length=200, blank=True, help_text="As sent; never looked up.")
    # As sent, because nothing is added up from it.
    balance = models.CharField(max_length=40, blank=True)
    available_balance = models.CharField(max_length=40, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    is_monitored = models.BooleanField(default=True, help_text="Store its transactions.")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="The last answer it was in.")
    good_at = models.DateTimeField(null=True, blank=True, help_text="The last answer without complaint.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["institution", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "institution_id", "remote_id"], name="bank_account_once"
            ),
            models.CheckConstraint(condition=~Q(remote_id=""), name="bank_account_has_id"),
            models.CheckConstraint(
                condition=Q(currency="") | Q(custom_currency=""), name="bank_account_one_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution}: {self.name}" if self.institution else self.name

    @property
    def audit_scope(self) -> Scope:
        return self.connection.audit_scope

    @property
    def counts(self) -> bool:
        """Whether it belongs into totals and matching: a currency of the server's own has no exchange."""
        return bool(self.currency) and self.is_monitored

    @property
    def money_currency(self) -> str:
        """The currency by whose places amounts are kept."""
        return self.currency or FINEST_CURRENCY
