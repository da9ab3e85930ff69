"""What bills, their occurrences and their payments are, and what can be asked of them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Lower

from billtracker.accounts.models import Household
from billtracker.core.money import ZERO, CurrencyField, MoneyField


class SoftDeleteQuerySet(models.QuerySet):
    def live(self):
        """Rows that are not in the bin."""
        return self.filter(deleted_at=None)

    def in_bin(self):
        """Rows that were deleted and can still be restored."""
        return self.exclude(deleted_at=None)

    def visible_to(self, user):
        """Rows of the households the user is a member of."""
        return self.filter(household__in=Household.objects.visible_to(user))


class Category(models.Model):
    """A kind of spending, such as Housing."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(max_length=80)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SoftDeleteQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                "household", Lower("name"), condition=Q(deleted_at=None), name="category_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="category_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_scope(self) -> str:
        return f"household:{self.household_id}"


class Bill(models.Model):
    """Something that has to be paid, once or again and again, and the rule for when."""

    class Unit(models.TextChoices):
        WEEK = "week", "Weeks"
        MONTH = "month", "Months"
        YEAR = "year", "Years"
        TWICE_A_MONTH = "twice_a_month", "Twice a month"
        ONCE = "once", "Once"

    class WeekendShift(models.TextChoices):
        NONE = "none", "Stays on the weekend"
        BEFORE = "before", "Moves to the business day before"
        AFTER = "after", "Moves to the business day after"

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="bills")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="bills"
    )
    name = models.CharField(max_length=120)
    notes = models.TextField(blank=True, max_length=4000)
    website = models.URLField(blank=True, max_length=300)
    account_reference = models.CharField(max_length=80, blank=True)
    user_name_hint = models.CharField(max_length=80, blank=True)

    expected_amount = MoneyField()
    currency = CurrencyField()

    # The schedule. Every date is computed from the anchor: start_date and due_day.
    unit = models.CharField(max_length=15, choices=Unit, default=Unit.MONTH)
    interval = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Every how many units.",
    )
    start_date = models.DateField(help_text="The first due date.")
    due_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="Day of the month; 29 to 31 fall on the last day of shorter months.",
    )  # fmt: skip
    second_due_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="The other day of a bill that is due twice a month.",
    )  # fmt: skip
    end_date = models.DateField(null=True, blank=True, help_text="No due date after this day.")
    instalments = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1200)],
        help_text="How many times in all, counted from the first due date.",
    )  # fmt: skip
    weekend_shift = models.CharField(max_length=6, choices=WeekendShift, default=WeekendShift.NONE)
    tracked_from = models.DateField(help_text="Due dates before this day are not tracked.")
    # Occurrences up to this day are rows; later ones are computed until the worker makes them.
    made_until = models.DateField(null=True, blank=True, editable=False)

    is_active = models.BooleanField(default=True)
    is_autopay = models.BooleanField(default=False)
    is_subscription = models.BooleanField(default=False)
    is_variable = models.BooleanField(default=False, help_text="The amount differs from time to time.")

    debt_balance = MoneyField(null=True, blank=True)
    debt_apr = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(999)],
    )  # fmt: skip
    debt_minimum_payment = MoneyField(null=True, blank=True)
    reminder_lead_days = models.CharField(
        max_length=40, blank=True, help_text="Days before the due date, such as 7, 1; empty for the default."
    )

    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SoftDeleteQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="bill_named"),
            models.CheckConstraint(condition=Q(expected_amount__gte=ZERO), name="bill_amount_not_negative"),
            models.CheckConstraint(condition=Q(interval__range=(1, 100)), name="bill_interval_range"),
            models.CheckConstraint(
                condition=Q(due_day=None) | Q(due_day__range=(1, 31)), name="bill_due_day_range"
            ),
            models.CheckConstraint(
                condition=Q(second_due_day=None) | Q(second_due_day__range=(1, 31)),
                name="bill_second_day_range",
            ),
            models.CheckConstraint(
                condition=~Q(unit="twice_a_month")
                | Q(due_day__isnull=False, second_due_day__isnull=False) & ~Q(due_day=F("second_due_day")),
                name="bill_twice_a_month_has_two_days",
            ),
        ]
        indexes = [models.Index(fields=["household", "deleted_at"], name="bill_of_household")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_scope(self) -> str:
        return f"household:{self.household_id}"


class OccurrenceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Occurrences of bills of the user's households, bills in the bin left out."""
        return self.filter(bill__household__in=Household.objects.visible_to(user), bill__deleted_at=None)

    def of_household(self, household):
        return self.filter(bill__household=household, bill__deleted_at=None)

    def due_in(self, span):
        return self.filter(due_date__gte=span.start, due_date__lt=span.end)

    def with_paid(self):
        """Add ``paid``: the sum of what live payments settle of each occurrence."""
        live = Q(splits__payment__deleted_at=None)
        return self.annotate(
            paid=Coalesce(Sum("splits__amount", filter=live), ZERO, output_field=MoneyField())
        )

    def untouched(self):
        """Nobody paid, skipped, snoozed, noted, corrected or marked these."""
        return self.filter(
            splits=None, skipped_at=None, snoozed_until=None, note="", override_amount=None,
            autopay_failed_at=None,
        )  # fmt: skip


class Occurrence(models.Model):
    """One time a bill is due. Its identity is (bill, scheduled date)."""

    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="occurrences")
    scheduled_date = models.DateField()
    due_date = models.DateField(help_text="The scheduled date, moved off the weekend if the bill says so.")
    # Copied when made, so that changing the bill leaves the past as it was.
    expected_amount = MoneyField()
    currency = CurrencyField()
    is_autopay = models.BooleanField(default=False)

    override_amount = MoneyField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    autopay_failed_at = models.DateTimeField(null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["due_date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "scheduled_date"], name="occurrence_once"),
            models.CheckConstraint(
                condition=Q(expected_amount__gte=ZERO), name="occurrence_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(override_amount=None) | Q(override_amount__gte=ZERO),
                name="occurrence_override_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["due_date", "bill"], name="occurrence_due")]

    def __str__(self) -> str:
        return f"{self.bill}, {self.due_date}"

    @property
    def owed(self):
        """What is to be paid this time: the other amount for this month, else the expected one."""
        return self.expected_amount if self.override_amount is None else self.override_amount

    @property
    def is_skipped(self) -> bool:
        return self.skipped_at is not None

    @property
    def audit_scope(self) -> str:
        return self.bill.audit_scope


class PaymentQuerySet(SoftDeleteQuerySet):
    pass


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
    paid_on = models.DateField()
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

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="payment_amount_positive"),
            models.UniqueConstraint(fields=["household", "idempotency_key"], name="payment_key_once"),
        ]
        indexes = [models.Index(fields=["household", "paid_on"], name="payment_of_household")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} on {self.paid_on}"

    @property
    def audit_scope(self) -> str:
        return f"household:{self.household_id}"


class PaymentSplit(models.Model):
    """The part of a payment that settles one occurrence; a payment's parts add up to its amount."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="splits")
    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="splits")
    amount = MoneyField(currency_field="payment__currency")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "occurrence"], name="split_once"),
            models.CheckConstraint(condition=Q(amount__gt=ZERO), name="split_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.occurrence}"
