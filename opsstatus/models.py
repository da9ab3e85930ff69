"""What the server keeps about itself: runs of jobs, measured facts, and errors nobody expected."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django_q.conf import Conf

from billtracker.core.process.health import KILL_MARGIN, Fact


class JobRunQuerySet(models.QuerySet):
    def running(self):
        return self.filter(state=JobRun.State.RUNNING)

    def overrun(self, now):
        """Running for longer than the worker lets any job run: whoever ran them is gone."""
        return self.running().filter(started_at__lt=now - JobRun.time_limit())

    def still_failing(self):
        """Failed or killed, and the same job has not come through since."""
        later = JobRun.objects.filter(
            name=OuterRef("name"), state=JobRun.State.DONE, started_at__gt=OuterRef("started_at")
        )
        return self.filter(state__in=JobRun.BROKEN).exclude(Exists(later))


class JobRun(models.Model):
    """One run of a job by the worker. The heartbeat alone leaves no run."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        KILLED = "killed", "Killed"

    BROKEN = (State.FAILED, State.KILLED)

    task_id = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=120)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    sentence = models.CharField(max_length=500, blank=True, help_text="What the job said at its end.")
    error = models.CharField(max_length=500, blank=True, help_text="Kind and place, without private text.")
    # Who runs it: dead processes of this machine give their runs away.
    host = models.CharField(max_length=80, blank=True)
    pid = models.PositiveIntegerField(default=0)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed", "killed"]), name="job_run_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None) | (~Q(state="running") & ~Q(ended_at=None)),
                name="job_run_ended_unless_running",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "-started_at"], name="job_run_of_name"),
            models.Index(fields=["state", "-started_at"], name="job_run_of_state"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.started_at:%Y-%m-%d %H:%M}: {self.state}"

    @staticmethod
    def time_limit() -> dt.timedelta:
        """How long a job can run at most before the worker stops it, with a margin."""
        return dt.timedelta(seconds=Conf.TIMEOUT) + KILL_MARGIN

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it does."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


class StoredFact(models.Model):
    """One thing the server knows about itself and when it learnt it, such as the worker's last beat."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    values = models.JSONField(default=dict)
    # Why the last measurement failed: that is news too, and older values say nothing about now.
    error = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def fact(self) -> Fact:
        return Fact(self.at, self.values, self.error)


class RecentErrorQuerySet(models.QuerySet):
    def unresolved(self):
        return self.filter(resolved_at=None)


class RecentError(models.Model):
    """A kind of error at one place in the code: how often, since when, and whether somebody dealt with it."""

    fingerprint = models.CharField(max_length=64, unique=True, help_text="SHA-256 of kind and place.")
    kind = models.CharField(max_length=120)
    place = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=300, blank=True, help_text="Words from the code, no data.")
    count = models.PositiveBigIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    resolved_at = models.DateTimeField(null=True)

    objects = RecentErrorQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} in {self.place}" if self.place else self.kind
