"""Runs of the retainer cycle: what each one did with each engagement, and why."""

from django.conf import settings
from django.db import models

from billing.models.engagements import Engagement
from billing.models.statements import Statement
from billtracker.core.audit import OFFICE


class CycleRun(models.Model):
    """One run of the retainer cycle for one month."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTIAL = "partial", "Partial"

    period = models.DateField(help_text="The month's first day.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    created_count = models.PositiveIntegerField(default=0)
    exists_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    # How far it is: retainers looked at, of those that there were when it began.
    seen_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)

    audit_scope = OFFICE

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class CycleLine(models.Model):
    """What a run did with one engagement."""

    class Outcome(models.TextChoices):
        CREATED = "created", "Created"
        EXISTS = "exists", "Already there"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(CycleRun, on_delete=models.CASCADE, related_name="lines")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="cycle_lines")
    outcome = models.CharField(max_length=7, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    statement = models.ForeignKey(
        Statement, on_delete=models.SET_NULL, null=True, blank=True, related_name="cycle_lines"
    )

    class Meta:
        ordering = ["run", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "engagement"], name="cycle_line_once")]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.outcome}"
