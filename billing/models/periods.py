"""Months of the office's books: open, soft-locked or closed, and who may pass a lock until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from billtracker.core.audit import OFFICE
from billtracker.core.periods import Month

USER = settings.AUTH_USER_MODEL


class PeriodQuerySet(models.QuerySet):
    def closed(self):
        return self.filter(state=Period.State.CLOSED)

    def locked_on(self, day):
        """The soft-locked month that the day lies in."""
        return self.filter(state=Period.State.LOCKED, starts_on__lte=day, ends_before__gt=day)


class Period(models.Model):
    """A month that is locked or closed, or was once; a month without a row is open.

    Months close in order, so a closed month closes every one before it, with or without a row.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        LOCKED = "locked", "Soft-locked"
        CLOSED = "closed", "Closed"

    starts_on = models.DateField(unique=True, help_text="The month's first day.")
    ends_before = models.DateField(help_text="The first day after the month.")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    # The control totals and the audit log's last entry as they were when the month was closed.
    closing = models.JSONField(null=True, editable=False)
    changed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    changed_at = models.DateTimeField(editable=False)

    objects = PeriodQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "locked", "closed"]), name="period_state_known"
            ),
            models.CheckConstraint(condition=Q(ends_before__gt=F("starts_on")), name="period_in_order"),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closing__isnull=False), name="period_closed_with_totals"
            ),
        ]
        indexes = [models.Index(fields=["state", "ends_before"], name="period_of_state")]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)


class PeriodExceptionQuerySet(models.QuerySet):
    def live(self):
        """Those that let somebody in now."""
        return self.filter(ended_at=None, until__gt=timezone.now())


class PeriodException(models.Model):
    """Leave for one person to work in a soft-locked month until an instant, and why."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="exceptions")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    granted_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", editable=False)
    granted_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False, help_text="Taken back before its time.")

    objects = PeriodExceptionQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="exception_has_a_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("granted_at")), name="exception_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.period}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.until > timezone.now()


class ClosePack(models.Model):
    """The archive of a closed month for the accountant: made by the worker, stored under its digest."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="packs")
    # Where the audit log stood at the close that the archive tells of; a month may be closed again.
    position = models.PositiveBigIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    path = models.CharField(max_length=200, blank=True, help_text="Within the media storage.")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")
    made_at = models.DateTimeField(null=True)

    audit_scope = OFFICE

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "failed"]), name="close_pack_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(made_at__isnull=False) & ~Q(sha256="") & ~Q(path=""),
                name="close_pack_done_with_its_file",
            ),
        ]

    def __str__(self) -> str:
        return f"Pack of {self.period}"
