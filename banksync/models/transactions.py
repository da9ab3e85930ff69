"""Lines of bank accounts, as the bank has them and as people corrected them."""

from django.db import models
from django.db.models import Q

from banksync.models.accounts import BankAccount
from billtracker.core.audit import Scope
from billtracker.core.money import MoneyField
from billtracker.core.periods import within_reach


class BankTransactionQuerySet(models.QuerySet):
    def live(self):
        """Transactions that nobody deleted and the bank has not withdrawn."""
        return self.filter(deleted_at=None, withdrawn_at=None)

    def countable(self):
        """Transactions that totals and matching may use."""
        posted = self.live().filter(is_pending=False, account__is_monitored=True)
        return posted.exclude(account__currency="")


class BankTransaction(models.Model):
    """One line: the texts of the bank, without what cannot be seen, and beside them those of people."""

    account = models.ForeignKey(BankAccount, on_delete=models.CASCADE, related_name="transactions")
    remote_id = models.CharField(max_length=255, help_text="Unique within the account; may be re-issued.")
    amount = MoneyField(currency_field="account__money_currency", help_text="Positive is money in.")
    posted_on = models.DateField(null=True, blank=True, help_text="The day in UTC; none while pending.")
    transacted_on = models.DateField(null=True, blank=True)
    description = models.CharField(max_length=500, blank=True)
    payee = models.CharField(max_length=200, blank=True)
    memo = models.CharField(max_length=500, blank=True)
    category_code = models.CharField(
        max_length=10, blank=True, help_text="The merchant's category, by ISO 18245."
    )
    is_pending = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="It was pending and never came.")
    # What people do with it; no sync touches these.
    own_description = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()

    objects = BankTransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-posted_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="bank_transaction_once"),
            models.CheckConstraint(condition=~Q(remote_id=""), name="bank_transaction_has_id"),
            models.CheckConstraint(
                condition=within_reach("posted_on") & within_reach("transacted_on"),
                name="bank_transaction_days_within_reach",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(is_pending=True), name="bank_transaction_withdrawn_pending"
            ),
        ]
        indexes = [models.Index(fields=["account", "posted_on"], name="bank_transaction_of_account")]

    def __str__(self) -> str:
        return self.own_description or self.description or self.payee or self.remote_id

    @property
    def audit_scope(self) -> Scope:
        return self.account.audit_scope


class TransactionChange(models.Model):
    """What a bank changed in a line after it had sent it: {field: [before, after]}."""

    transaction = models.ForeignKey(BankTransaction, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{', '.join(self.changes)} changed"
