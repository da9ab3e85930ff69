"""What a payment is, and which parts of it settle which occurrence."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from bills.models.bills import SoftDeleteQuerySet
from bills.models.occurrences import Occurrence
from billtracker.accounts.models import Household
from billtracker.core.audit import Scope
from billtracker.core.money import ZERO, CurrencyField, MoneyField
from billtracker.core.periods import DayField, within_reach


class BillPaymentQuerySet(SoftDeleteQuerySet):
    def paid_in(self, span):
        return self.filter(paid_on__gte=span.start, paid_on__lt=span.end)


class Payment(models.Model):
    """Money that left for one bill's occurrence, or split over several."""

    class Source(models.TextChoices):
        MANUAL = "manual", "By hand"
        FILE_IMPORT = "file_import", "From a file"
        BANK_MATCH = "bank_match", "Matched to the bank"
        AUTOPAY = "autopay", "Autopay confirmed"

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="payments")
    amount = MoneyField()
    currency = CurrencyField()
    paid_on = DayField()
    method = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=12, choices=Source, default=Source.MANUAL)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    # The same form sent twice carries the same key and makes one payment.
    idempotency_key = models.CharField(max_length=80, null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BillPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="payment_amount_positive"),
            models.CheckConstraint(condition=within_reach("paid_on"), name="payment_day_within_reach"),
            models.UniqueConstraint(fields=["household", "idempotency_key"], name="payment_key_once"),
        ]
        indexes = [models.Index(fields=["household", "paid_on"], name="payment_of_household")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} on {self.paid_on}"

    @property
    def audit_scope(self) -> Scope:
        return Scope.of_household(self.household_id)


class PaymentSplitQuerySet(models.QuerySet):
    def live(self):
        """Parts of payments that were not undone."""
        return self.filter(payment__deleted_at=None)


class PaymentSplit(models.Model):
    """The part of a payment that settles one occurrence; a payment's parts add up to its amount."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="splits")
    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="splits")
    amount = MoneyField(currency_field="payment__currency")

    objects = PaymentSplitQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "occurrence"], name="split_once"),
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="split_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.occurrence}"
