"""Work for the worker: what is put into its queue, and what it does by the clock.

A job is named by a dotted string, takes ids, is safe to run twice, and returns one sentence.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django_q.models import Schedule
from django_q.tasks import async_task

from billtracker.core import audit
from billtracker.core.data.named_locks import database_lock


class JobFailed(Exception):
    """A job could not do everything. Its one sentence counts things and names no person and no amount."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule: a function without arguments, how often, and whether people may run it."""

    name: str
    every: dt.timedelta
    by_hand: bool = True


def enqueue(name: str, *ids: int | str) -> None:
    """Hand ``name(*ids)`` to the worker once the transaction commits; a rollback takes it back.

    ``name`` is a dotted string such as ``billing.tasks.send_statement``. Raises TypeError for
    arguments that are no ids: rows change before the worker comes to them.
    """
    if not all(isinstance(part, int | str) for part in ids):
        raise TypeError(f"{name}: a job takes ids, not {ids!r}.")
    if "orm" in settings.Q_CLUSTER:
        # The queue is a table of the same database: this insert commits with its transaction.
        async_task(name, *ids)
    else:
        transaction.on_commit(partial(async_task, name, *ids))


def sync_schedule(jobs: Sequence[Job]) -> None:
    """Make the stored schedule equal to ``jobs``: new ones run at once, unknown ones go.

    Known jobs keep their next run. Safe in several workers that start together.
    """
    with database_lock("schedule"), transaction.atomic():
        Schedule.objects.exclude(name__in=[job.name for job in jobs]).delete()
        for job in jobs:
            Schedule.objects.update_or_create(
                name=job.name,
                defaults={
                    "func": job.name,
                    # Minutes alone: they neither drift over short months nor stop at a clock change.
                    "schedule_type": Schedule.MINUTES,
                    "minutes": max(1, job.every // dt.timedelta(minutes=1)),
                    "repeats": -1,
                },
            )


def name_the_source(task: dict, **kwargs) -> None:
    """Let audit entries say which job wrote them; a receiver of django-q2's ``pre_execute``."""
    audit.source_of_change.set(f"job {task.get('func', '')}"[:60])
