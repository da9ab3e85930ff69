"""Where numbers come from: one counter for each sequence and year, which moves forward only."""

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from billtracker.core.audit import OFFICE

PATTERN = r"^[^{}]*(\{(prefix|year|number)\}[^{}]*)*$"


class Sequence(models.Model):
    """How the numbers of one kind of document look, and when they begin again at 1."""

    class Reset(models.TextChoices):
        ANNUAL = "annual", "Each year"
        NONE = "none", "Never"

    code = models.CharField(max_length=20, unique=True)
    prefix = models.CharField(max_length=20)
    pattern = models.CharField(
        max_length=80,
        default="{prefix}-{year}-{number}",
        validators=[RegexValidator(PATTERN, "Use {prefix}, {year} and {number}.")],
        help_text="Of {prefix}, {year} and {number}.",
    )
    padding = models.PositiveSmallIntegerField(default=4, validators=[MaxValueValidator(10)])
    reset = models.CharField(max_length=6, choices=Reset, default=Reset.ANNUAL)

    audit_scope = OFFICE

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(pattern__contains="{number}"), name="pattern_has_the_number"),
            # Each year begins at 1 again, so the year has to tell them apart.
            models.CheckConstraint(
                condition=Q(reset="none") | Q(pattern__contains="{year}"), name="annual_pattern_has_the_year"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def year_of(self, issue_date) -> int:
        """Return the counter's year: that of the issue date, or 0 where numbers never begin again."""
        return issue_date.year if self.reset == self.Reset.ANNUAL else 0

    def format(self, year: int, number: int) -> str:
        """Return the document's number: ``SOA-2026-0417``."""
        return self.pattern.format(prefix=self.prefix, year=year, number=f"{number:0{self.padding}d}")


class Counter(models.Model):
    """The last number taken of a sequence in a year."""

    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField(help_text="0 for a sequence that never begins again.")
    last_number = models.PositiveIntegerField(default=0)

    audit_scope = OFFICE

    class Meta:
        ordering = ["sequence", "-year"]
        constraints = [models.UniqueConstraint(fields=["sequence", "year"], name="counter_once")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.year or ''}".strip()


class CounterAdjustment(models.Model):
    """A counter that was moved forward by hand: who, why, and the numbers that this left out."""

    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="adjustments")
    from_number = models.PositiveIntegerField(help_text="The last number before.")
    to_number = models.PositiveIntegerField(help_text="The last number after; those between are left out.")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    audit_scope = OFFICE

    class Meta:
        ordering = ["counter", "from_number"]
        constraints = [
            models.CheckConstraint(condition=Q(to_number__gt=F("from_number")), name="counter_moves_forward"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.counter}: {self.from_number} to {self.to_number}"
