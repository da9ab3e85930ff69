"""What the daily check of the books found, day by day."""

import datetime as dt

from django.db import models
from django.utils import timezone


class BooksCheck(models.Model):
    """One check: whether the office's audit chain held, the numbers were whole and the balances tied out."""

    checked_at = models.DateTimeField()
    entry_count = models.PositiveBigIntegerField(help_text="How long the chain was.")
    broken_position = models.PositiveBigIntegerField(null=True, help_text="The first entry that did not fit.")
    broken_reason = models.CharField(max_length=200, blank=True)
    counter_count = models.PositiveIntegerField(help_text="How many counters were walked.")
    # One line for each counter that was not whole: its name, and what was wrong.
    gaps = models.JSONField(default=list)
    # One line for each place where aging and ledger differ, or something is below zero, the oldest first.
    balance_faults = models.JSONField(default=list)

    # A daily check that is older did not run.
    LATE_AFTER = dt.timedelta(days=2)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Check of {self.checked_at:%Y-%m-%d %H:%M}"

    @property
    def is_late(self) -> bool:
        return timezone.now() - self.checked_at > self.LATE_AFTER

    @property
    def chain_holds(self) -> bool:
        return self.broken_position is None

    @property
    def numbers_are_whole(self) -> bool:
        return not self.gaps

    @property
    def balances_tie_out(self) -> bool:
        return not self.balance_faults
