"""What was applied to which statement and when: rows that are added and never changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.payments import Payment
from billing.models.settlements import CreditNote, Settlement
from billing.models.statements import Statement
from billtracker.core.audit import OFFICE
from billtracker.core.money import ZERO, MoneyField
from billtracker.core.periods import DayField


class AllocationQuerySet(models.QuerySet):
    def live(self):
        """Rows that no reversal has taken back, reversals themselves left out."""
        return self.filter(reverses=None, reversed_by=None)

    def by(self, day):
        """Rows that counted at the end of that day."""
        return self.filter(effective_on__lte=day)


class Allocation(models.Model):
    """An amount that settles a part of a statement; a reversal is a row of the negative amount.

    The sum of a statement's rows up to a day is what was settled of it on that day. It comes from
    one of three: a payment, a settlement other than cash, a credit note.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="allocations")
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="allocations"
    )
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, null=True, blank=True, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, null=True, blank=True, related_name="allocations"
    )
    amount = MoneyField(currency_field="statement__currency")
    effective_on = DayField()
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = AllocationQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["effective_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, settlement=None, credit_note=None)
                | Q(payment=None, settlement__isnull=False, credit_note=None)
                | Q(payment=None, settlement=None, credit_note__isnull=False),
                name="allocation_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=ZERO) | Q(reverses__isnull=False, amount__lt=ZERO),
                name="allocation_reversal_is_negative",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | ~Q(reverses=F("id")), name="allocation_reverses_another"
            ),
        ]
        indexes = [
            models.Index(fields=["statement", "effective_on"], name="allocation_of_statement"),
            models.Index(fields=["payment", "effective_on"], name="allocation_of_payment"),
            models.Index(fields=["effective_on"], name="allocation_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.statement}"

    @property
    def source(self) -> models.Model | None:
        """Where the amount comes from: one of the three, as the database holds."""
        return self.payment or self.settlement or self.credit_note
