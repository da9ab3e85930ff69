"""What settles a statement without money coming in: tax withheld, charges, write-offs, credit notes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.queries import not_void_on
from billing.models.sequences import Sequence
from billing.models.statements import Statement
from billtracker.core.audit import OFFICE
from billtracker.core.money import ZERO, CurrencyField, MoneyField
from billtracker.core.periods import DayField

USER = settings.AUTH_USER_MODEL


class SettlementQuerySet(models.QuerySet):
    def settled_by(self, day):
        """Settlements that counted at the end of that day."""
        return self.filter(not_void_on(day), settled_on__lte=day)

    def certificate_pending_on(self, day):
        """Withholdings whose certificate had not come by the end of that day."""
        still_out = Q(certificate_received_on=None) | Q(certificate_received_on__gt=day)
        return self.settled_by(day).filter(still_out, kind=Settlement.Kind.WITHHOLDING)


class Settlement(models.Model):
    """A part of a statement that is not paid in cash, and why."""

    class Kind(models.TextChoices):
        WITHHOLDING = "withholding", "Tax withheld"
        BANK_CHARGE = "bank_charge", "Bank charge"
        ROUNDING = "rounding", "Rounding"
        WRITE_OFF = "write_off", "Write-off"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="settlements")
    kind = models.CharField(max_length=11, choices=Kind)
    settled_on = DayField()
    amount = MoneyField(currency_field="statement__currency")
    reason = models.CharField(max_length=500, blank=True, help_text="A write-off needs one.")
    # A withholding certificate: pending until the day on which it came.
    certificate_number = models.CharField(max_length=60, blank=True)
    certificate_date = DayField(null=True, blank=True, help_text="The date on the certificate.")
    certificate_received_on = DayField(null=True, blank=True, help_text="Empty: still pending.")
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    voided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    voided_at = models.DateTimeField(null=True, editable=False)
    void_date = DayField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = SettlementQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-settled_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="settlement_amount_positive"),
            models.CheckConstraint(
                condition=~Q(kind="write_off") | ~Q(reason=""), name="write_off_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind="withholding")
                | Q(certificate_number="", certificate_date=None, certificate_received_on=None),
                name="certificate_of_a_withholding",
            ),
            models.CheckConstraint(
                condition=Q(certificate_received_on=None) | ~Q(certificate_number=""),
                name="certificate_received_with_its_number",
            ),
            models.CheckConstraint(
                condition=Q(void_date=None, voided_by=None, voided_at=None, void_reason="")
                | Q(void_date__gte=F("settled_on"), voided_by__isnull=False, voided_at__isnull=False)
                & ~Q(void_reason=""),
                name="settlement_void_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["settled_on"], name="settlement_of_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.statement}"

    @property
    def is_certificate_pending(self) -> bool:
        is_live_withholding = self.kind == self.Kind.WITHHOLDING and self.void_date is None
        return is_live_withholding and self.certificate_received_on is None


class CreditNote(models.Model):
    """A numbered document that takes back a part of an issued statement; frozen from its making on."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="credit_notes")
    issue_date = DayField()
    amount = MoneyField()
    currency = CurrencyField()
    reason = models.CharField(max_length=500, help_text="Printed on the document.")
    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, editable=False)
    sequence_year = models.PositiveSmallIntegerField(editable=False)
    sequence_number = models.PositiveIntegerField(editable=False)
    number = models.CharField(max_length=100, unique=True, editable=False)
    snapshot = models.JSONField(editable=False)
    issued_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    issued_at = models.DateTimeField(editable=False)

    audit_scope = OFFICE

    class Meta:
        ordering = ["-issue_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "sequence_year", "sequence_number"], name="credit_note_number_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="credit_note_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_note_has_a_reason"),
        ]
        indexes = [models.Index(fields=["issue_date"], name="credit_note_of_day")]

    def __str__(self) -> str:
        return self.number
