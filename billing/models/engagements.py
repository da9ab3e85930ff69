"""What a client pays us for: engagements, and their fees from which day on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from billing.models.clients import Client
from billtracker.core.audit import OFFICE
from billtracker.core.money import ZERO, MoneyField
from billtracker.core.periods import DayField


class EngagementQuerySet(models.QuerySet):
    def retainers(self):
        return self.filter(kind=Engagement.Kind.RETAINER)


class Engagement(models.Model):
    """Work for a client: a retainer that the cycle bills, or a special one that is billed by hand."""

    class Kind(models.TextChoices):
        RETAINER = "retainer", "Retainer"
        SPECIAL = "special", "Special"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        ENDED = "ended", "Ended"

    class Interval(models.IntegerChoices):
        MONTHLY = 1, "Monthly"
        EVERY_2_MONTHS = 2, "Every 2 months"
        QUARTERLY = 3, "Quarterly"
        HALF_YEARLY = 6, "Every 6 months"
        YEARLY = 12, "Yearly"

    class Timing(models.TextChoices):
        ADVANCE = "advance", "In advance"
        ARREARS = "arrears", "In arrears"

    class PartialPeriods(models.TextChoices):
        FULL = "full", "Full fee"
        PRORATED = "prorated", "By days"
        SKIP = "skip", "Not billed"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="engagements")
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=160)
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    starts_on = DayField()
    ends_on = DayField(null=True, blank=True, help_text="The last day; empty: open.")
    # Counted from the month in which the engagement starts.
    interval_months = models.PositiveSmallIntegerField(choices=Interval, default=Interval.MONTHLY)
    billing_day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="The proposed issue date; 29 to 31 fall on the last day of shorter months.",
    )
    timing = models.CharField(max_length=7, choices=Timing, default=Timing.ADVANCE)
    partial_periods = models.CharField(max_length=8, choices=PartialPeriods, default=PartialPeriods.FULL)
    description = models.CharField(
        max_length=300, blank=True, help_text="Of its line; {period} becomes the period."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EngagementQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["client", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="engagement_titled"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="engagement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(interval_months__in=[1, 2, 3, 6, 12]), name="engagement_interval_known"
            ),
            models.CheckConstraint(condition=Q(billing_day__range=(1, 31)), name="engagement_billing_day"),
        ]
        indexes = [models.Index(fields=["kind", "status", "starts_on"], name="engagement_of_cycle")]

    def __str__(self) -> str:
        return f"{self.title} ({self.client})"

    @property
    def currency(self) -> str:
        return self.client.currency


class FeeStep(models.Model):
    """The fee from a day on, until the next step."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="fee_steps")
    starts_on = DayField()
    amount = MoneyField(currency_field="engagement__client__currency")

    audit_scope = OFFICE

    class Meta:
        ordering = ["engagement", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "starts_on"], name="fee_step_once"),
            models.CheckConstraint(condition=Q(amount__gte=ZERO), name="fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} from {self.starts_on}"
