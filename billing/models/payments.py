"""Money that came in and went back: payments with their proofs, and refunds of what was not applied."""

from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest

from billing.models.clients import Client
from billing.models.queries import not_void_on, sum_of
from billtracker.core.audit import OFFICE
from billtracker.core.money import ZERO, CurrencyField, MoneyField
from billtracker.core.periods import DayField
from billtracker.core.text import comparison_key

USER = settings.AUTH_USER_MODEL


def manual_key(number: str) -> str:
    """Return a manual number as such numbers are compared: no case, no spaces, one kind of dash."""
    return comparison_key(number).replace(" ", "")


def _largest_of(rows: models.QuerySet, column: str) -> Coalesce:
    largest = rows.order_by().values("currency").annotate(largest=Max(column)).values("largest")
    return Coalesce(Subquery(largest), ZERO, output_field=MoneyField())


class PaymentQuerySet(models.QuerySet):
    def live(self):
        """Posted and verified payments: those whose money counts."""
        return self.filter(state__in=Payment.LIVE)

    def posted(self):
        """Payments that were posted, whatever became of them since."""
        return self.exclude(state=Payment.State.DRAFT)

    def received_by(self, day):
        """Payments that counted at the end of that day: posted ones, before their void date."""
        return self.posted().filter(not_void_on(day), paid_on__lte=day)

    def with_credit(self, day=None):
        """Add ``applied``, ``refunded`` and what is left as ``credit``, of a day's end, else in the end."""
        applied = apps.get_model("billing", "Allocation").objects.filter(payment=OuterRef("pk"))
        refunds = Refund.objects.filter(payment=OuterRef("pk"))
        applied = applied if day is None else applied.by(day)
        refunds = refunds.not_void() if day is None else refunds.refunded_by(day)
        sums = self.annotate(applied=sum_of(applied, "payment"), refunded=sum_of(refunds, "payment"))
        left = F("amount") - F("applied") - F("refunded")
        return sums.annotate(credit=ExpressionWrapper(left, output_field=MoneyField()))

    def with_available(self):
        """Add ``available``: what of each is neither applied, be it ahead, nor refunded."""
        applied = apps.get_model("billing", "Allocation").objects.filter(payment=OuterRef("pk"))
        refunds = Refund.objects.filter(payment=OuterRef("pk")).not_void()
        left = F("amount") - sum_of(applied, "payment") - sum_of(refunds, "payment")
        return self.annotate(available=ExpressionWrapper(left, output_field=MoneyField()))

    def with_largest(self):
        """Add ``largest``, the largest amount of each one's client so far, paid or billed in its currency."""
        same = {"client": OuterRef("client"), "currency": OuterRef("currency")}
        paid = Payment.objects.live().filter(**same).exclude(pk=OuterRef("pk"))
        billed = apps.get_model("billing", "Statement").objects.numbered().filter(**same)
        return self.annotate(largest=Greatest(_largest_of(paid, "amount"), _largest_of(billed, "total")))

    def unapplied_on(self, day):
        """Payments of which something was neither applied nor refunded at the end of that day."""
        return self.received_by(day).with_credit(day).exclude(credit=ZERO)


class Payment(models.Model):
    """Money from a client, recorded by hand. From its posting on amount, day and numbers are frozen."""

    # What is neither applied nor refunded, where a report added it.
    credit: Decimal
    available: Decimal
    # The largest amount of its client so far, where a report added it.
    largest: Decimal

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        POSTED = "posted", "Posted"
        VERIFIED = "verified", "Verified"
        VOID = "void", "Void"

    class Method(models.TextChoices):
        CASH = "cash", "Cash"
        CHECK = "check", "Check"
        TRANSFER = "transfer", "Bank transfer"
        CARD = "card", "Card"
        WALLET = "wallet", "Wallet"
        OTHER = "other", "Other"

    class Cause(models.TextChoices):
        ERROR = "error", "Recorded in error"
        BOUNCED = "bounced", "Bounced"
        REFUNDED = "refunded", "Refunded as a whole"

    LIVE = (State.POSTED, State.VERIFIED)

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="payments")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT, editable=False)
    paid_on = DayField(help_text="The day on which the money came.")
    amount = MoneyField()
    currency = CurrencyField()
    method = models.CharField(max_length=8, choices=Method, default=Method.TRANSFER)
    manual_number = models.CharField(
        max_length=40, blank=True, help_text="Of the invoice in the paper booklet; needed to post."
    )
    manual_key = models.CharField(max_length=40, blank=True, editable=False)
    reference = models.CharField(max_length=120, blank=True, help_text="The bank's or the check's number.")
    notes = models.TextField(blank=True, max_length=2000)

    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    posted_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    posted_at = models.DateTimeField(null=True, editable=False)
    verified_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    verified_at = models.DateTimeField(null=True, editable=False)
    voided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    voided_at = models.DateTimeField(null=True, editable=False)
    void_date = DayField(null=True, editable=False, help_text="From this day on it does not count.")
    void_cause = models.CharField(max_length=8, choices=Cause, blank=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = PaymentQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["manual_key"], condition=~Q(state="void") & ~Q(manual_key=""),
                name="office_payment_manual_number_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="office_payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "posted", "verified", "void"]),
                name="office_payment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", posted_at=None, posted_by=None)
                | ~Q(state="draft") & ~Q(manual_key="") & Q(posted_at__isnull=False, posted_by__isnull=False),
                name="office_payment_posted_with_its_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="office_payment_verified_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="void", void_date__isnull=False, void_date__gte=F("paid_on"),
                            voided_by__isnull=False, voided_at__isnull=False)
                & ~Q(void_reason="") & ~Q(void_cause="")
                | ~Q(state="void") & Q(void_date=None, voided_by=None, voided_at=None, void_reason="",
                                       void_cause=""),
                name="office_payment_void_has_a_reason",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["client", "-paid_on"], name="office_payment_of_client"),
            models.Index(fields=["paid_on"], name="office_payment_of_day"),
            models.Index(fields=["state", "paid_on"], name="office_payment_of_state"),
        ]

    def __str__(self) -> str:
        return f"Payment {self.manual_number or self.pk}"

    def save(self, *args, **kwargs):
        # No side effect: the same number in the form in which it is compared.
        self.manual_key = manual_key(self.manual_number)
        super().save(*args, **kwargs)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class Proof(models.Model):
    """A file that shows a payment: a deposit slip, a bank's notice, a photograph of the check."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="proofs")
    name = models.CharField(max_length=120, help_text="As the person's file was called.")
    path = models.CharField(max_length=200, help_text="Within the media storage, named by the content.")
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="In bytes.")
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    audit_scope = OFFICE

    class Meta:
        ordering = ["payment", "pk"]
        constraints = [models.UniqueConstraint(fields=["payment", "sha256"], name="proof_once")]

    def __str__(self) -> str:
        return self.name


class RefundQuerySet(models.QuerySet):
    def not_void(self):
        return self.filter(void_date=None)

    def refunded_by(self, day):
        """Refunds that counted at the end of that day."""
        return self.filter(not_void_on(day), refunded_on__lte=day)


class Refund(models.Model):
    """Credit of a payment that went back to the client."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    refunded_on = DayField()
    amount = MoneyField(currency_field="payment__currency")
    method = models.CharField(max_length=8, choices=Payment.Method, default=Payment.Method.TRANSFER)
    reference = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    voided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    voided_at = models.DateTimeField(null=True, editable=False)
    void_date = DayField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = RefundQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-refunded_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="refund_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_has_a_reason"),
            models.CheckConstraint(
                condition=Q(void_date=None, voided_by=None, voided_at=None, void_reason="")
                | Q(void_date__gte=F("refunded_on"), voided_by__isnull=False, voided_at__isnull=False)
                & ~Q(void_reason=""),
                name="refund_void_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["refunded_on"], name="refund_of_day")]

    def __str__(self) -> str:
        return f"Refund {self.pk} of {self.payment}"
