"""What a bill and a category are, and what can be asked of them."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from billtracker.accounts.models import Household
from billtracker.core.audit import Scope
from billtracker.core.money import ZERO, CurrencyField, MoneyField
from billtracker.core.periods import DayField, clamped_date, within_reach
from billtracker.core.settings.lead_days import validate_lead_days


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
    def audit_scope(self) -> Scope:
        return Scope.of_household(self.household_id)


def is_first_date(first: dt.date, days: Iterable[int]) -> bool:
    """Say whether a bill that is due on these days of the month can be due first on that date.

    31 is the 28th in February. No days fit every date.
    """
    fitting = {clamped_date(first.year, first.month, day).day for day in days}
    return not fitting or first.day in fitting


class BillQuerySet(SoftDeleteQuerySet):
    def active(self):
        """Bills that are neither in the bin nor paused."""
        return self.live().filter(is_active=True)

    def with_next_due(self, today):
        """Add ``next_due``: the bill's first due date from ``today`` on that is not skipped."""
        ahead = Q(occurrences__due_date__gte=today, occurrences__skipped_at=None)
        # Grouping drops the model's own order, so it is said again below.
        bills = self.annotate(next_due=Min("occurrences__due_date", filter=ahead))
        return bills.order_by(Lower("name"), "pk")


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
    start_date = DayField(help_text="The first due date.")
    due_day = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="Day of the month; 29 to 31 fall on the last day of shorter months.",
    )
    second_due_day = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="The other day of a bill that is due twice a month.",
    )
    end_date = DayField(null=True, blank=True, help_text="No due date after this day.")
    instalments = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1200)],
        help_text="How many times in all, counted from the first due date.",
    )
    weekend_shift = models.CharField(max_length=6, choices=WeekendShift, default=WeekendShift.NONE)
    tracked_from = DayField(help_text="Due dates before this day are not tracked.")
    # Occurrences up to this day are rows; later ones are computed until the worker makes them.
    made_until = models.DateField(null=True, blank=True, editable=False)

    is_active = models.BooleanField(default=True)
    is_autopay = models.BooleanField(default=False)
    is_subscription = models.BooleanField(default=False)
    is_variable = models.BooleanField(default=False, help_text="The amount differs from time to time.")

    debt_balance = MoneyField(null=True, blank=True)
    debt_apr = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(999)],
    )
    debt_minimum_payment = MoneyField(null=True, blank=True)
    reminder_lead_days = models.CharField(
        max_length=40,
        blank=True,
        validators=[validate_lead_days],
        help_text="Days before the due date, such as 7, 1, none, or off; empty: the household's.",
    )

    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="bill_named"),
            models.CheckConstraint(condition=Q(expected_amount__gte=ZERO), name="bill_amount_not_negative"),
            models.CheckConstraint(condition=Q(interval__range=(1, 100)), name="bill_interval_range"),
            models.CheckConstraint(
                condition=within_reach("start_date")
                & within_reach("end_date")
                & within_reach("tracked_from"),
                name="bill_days_within_reach",
            ),
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

    def clean(self) -> None:
        """Refuse what no rule of a single field sees: pages, API and whoever else asks get one sentence."""
        faults: dict[str, str] = {}
        if isinstance(self.expected_amount, Decimal) and self.expected_amount < ZERO:
            faults["expected_amount"] = _("An amount owed is not below zero.")
        if self.unit == self.Unit.TWICE_A_MONTH:
            faults |= self._faults_of_two_days()
        if self.start_date and self.end_date and self.end_date < self.start_date:
            faults["end_date"] = _("The last day is before the first due date.")
        if self.start_date and not faults and not is_first_date(self.start_date, self.days_of_month):
            faults["start_date"] = _(
                "The first due date is not on the due day (%(day)s). Change one of them."
            ) % {"day": _(" or ").join(map(str, self.days_of_month))}
        if faults:
            raise ValidationError(faults)

    def _faults_of_two_days(self) -> dict[str, str]:
        if self.due_day is None:
            return {"due_day": _("Enter the first of the two days of the month.")}
        if self.second_due_day is None:
            return {"second_due_day": _("Enter the other day of the month.")}
        if self.due_day == self.second_due_day:
            return {"second_due_day": _("The two days must differ.")}
        return {}

    @property
    def days_of_month(self) -> list[int]:
        """The days of the month that the schedule names; none for a bill by the week or due once."""
        if self.unit in (self.Unit.WEEK, self.Unit.ONCE):
            return []
        return sorted(day for day in (self.due_day, self.second_due_day) if day is not None)

    @classmethod
    def own_fields(cls) -> list[models.Field]:
        """Return the fields that people set: those of the form, the API and the audit log."""
        return [f for f in cls._meta.concrete_fields if f.editable and f.name not in ("id", "household")]

    @property
    def audit_scope(self) -> Scope:
        return Scope.of_household(self.household_id)

    @property
    def cycle(self) -> str:
        """The schedule's step in words: "Monthly", "Every 3 months"."""
        if self.unit in (self.Unit.ONCE, self.Unit.TWICE_A_MONTH):
            return str(self.get_unit_display())
        if self.interval == 1:
            return {"week": _("Weekly"), "month": _("Monthly"), "year": _("Yearly")}[self.unit]
        units = {"week": _("Every %d weeks"), "month": _("Every %d months"), "year": _("Every %d years")}
        return units[self.unit] % self.interval
