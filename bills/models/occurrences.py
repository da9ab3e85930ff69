"""What an occurrence is: one time a bill is due."""

from decimal import Decimal

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from bills.models.bills import Bill
from billtracker.accounts.models import Household
from billtracker.core.audit import Scope
from billtracker.core.money import ZERO, CurrencyField, MoneyField
from billtracker.core.periods import DayField, within_reach


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

    def not_skipped(self):
        return self.filter(skipped_at=None)

    def overdue(self, today, before=None):
        """Add ``paid`` and keep what was due before the day, ``today`` unless said, and is still unpaid.

        Left out are what was skipped, what is snoozed past ``today``, and autopay that nobody doubts.
        """
        owed = Coalesce("override_amount", "expected_amount", output_field=MoneyField())
        past = self.not_skipped().filter(due_date__lt=before or today).exclude(snoozed_until__gt=today)
        rows = past.with_paid().annotate(owed_amount=owed)
        is_assumed = Q(is_autopay=True, autopay_failed_at=None, paid=ZERO)
        unknown = Q(bill__is_variable=True, override_amount=None, expected_amount=ZERO, paid=ZERO)
        return rows.filter(unknown | Q(paid__lt=F("owed_amount")) & ~is_assumed)

    def with_split_count(self):
        """Add ``paid`` and ``split_count``: how many payments settle a part of each, undone ones too."""
        return self.with_paid().annotate(split_count=Count("splits"))


class Occurrence(models.Model):
    """One time a bill is due: one cycle of the bill, on a date that a change of the schedule may move."""

    # The sum of its live payments, where ``with_paid`` or a report added it.
    paid: Decimal
    split_count: int

    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="occurrences")
    scheduled_date = DayField()
    # The days that this date stands for (rules/cycles.py): no cycle of a bill is owed twice.
    cycle_start = models.DateField(editable=False)
    cycle_end = models.DateField(editable=False)
    due_date = DayField(help_text="The scheduled date, moved off the weekend if the bill says so.")
    # Copied when made, so that changing the bill leaves the past as it was.
    expected_amount = MoneyField()
    currency = CurrencyField()
    is_autopay = models.BooleanField(default=False)

    override_amount = MoneyField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = DayField(null=True, blank=True)
    autopay_failed_at = models.DateTimeField(null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["due_date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "scheduled_date"], name="occurrence_once"),
            models.UniqueConstraint(fields=["bill", "cycle_start"], name="occurrence_cycle_once"),
            models.CheckConstraint(
                condition=within_reach("scheduled_date")
                & within_reach("due_date")
                & within_reach("snoozed_until"),
                name="occurrence_days_within_reach",
            ),
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
    def has_unknown_amount(self) -> bool:
        """Whether its bill varies and nobody said how much it is this time; ask with the bill loaded."""
        return self.owed == ZERO and self.override_amount is None and self.bill.is_variable

    @property
    def is_skipped(self) -> bool:
        return self.skipped_at is not None

    @property
    def is_touched(self) -> bool:
        """Whether somebody paid, skipped, snoozed, noted, corrected or marked it; ask ``with_paid`` first.

        A payment that was undone touches nothing.
        """
        marks = (self.skipped_at, self.snoozed_until, self.autopay_failed_at, self.override_amount)
        return self.paid > ZERO or bool(self.note) or any(mark is not None for mark in marks)

    @property
    def audit_scope(self) -> Scope:
        return self.bill.audit_scope
