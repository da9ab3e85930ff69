"""The job history, written from django-q2's signals; receivers run outside the worker's ``try``."""

import logging
import os
import socket
from functools import wraps

from django.utils import timezone
from django_q.exceptions import TimeoutException

from opsstatus.models import JobRun
from opsstatus.monitoring.redaction import cap_line, fault_of_traceback, redact
from opsstatus.services import note_error

logger = logging.getLogger(__name__)
# One run a minute says nothing that the heartbeat's own row does not.
UNRECORDED = frozenset({"opsstatus.tasks.beat"})


def _never_raising(receiver):
    """Log what a receiver raises: an exception would end the worker that sent the signal."""

    @wraps(receiver)
    def wrapper(sender, task: dict, **kwargs) -> None:
        try:
            if _name_of(task) not in UNRECORDED:
                receiver(task)
        except Exception:
            logger.exception("The job history could not be written")

    # With DEBUG Django asks receivers for **kwargs and would look through to the one inside.
    del wrapper.__wrapped__
    return wrapper


def _name_of(task: dict) -> str:
    func = task.get("func", "")
    return func if isinstance(func, str) else f"{func.__module__}.{func.__qualname__}"


@_never_raising
def note_start(task: dict) -> None:
    """Write that a job starts, in the process that runs it; a receiver of ``pre_execute``."""
    now = timezone.now()
    # Handed out again: its earlier run never came to an end.
    earlier = JobRun.objects.running().filter(task_id=task["id"])
    earlier.update(state=JobRun.State.KILLED, ended_at=now, error="It was started again.")
    JobRun.objects.create(started_at=now, host=socket.gethostname()[:80], pid=os.getpid(), **_identity(task))


@_never_raising
def note_end(task: dict) -> None:
    """Write how a job ended; a receiver of ``post_execute``, which runs in the monitor process."""
    run = JobRun.objects.filter(task_id=task["id"]).order_by("-pk").first()
    run = run or JobRun(started_at=task["started"], **_identity(task))
    run.ended_at = max(task["stopped"], run.started_at)
    run.state, run.sentence, run.error = outcome(task)
    run.save()


def _identity(task: dict) -> dict:
    return {"task_id": task["id"], "name": _name_of(task)[:120], "queued_at": task["started"]}


def outcome(task: dict) -> tuple[str, str, str]:
    """Return state, sentence and error of a finished task."""
    result = task.get("result")
    if task["success"]:
        return JobRun.State.DONE, cap_line(redact(result), 500) if isinstance(result, str) else "", ""
    fault = fault_of_traceback(str(result))
    if fault.kind == TimeoutException.__name__:
        where = f" while in {fault.place}" if fault.place else ""
        return JobRun.State.KILLED, "", f"It took longer than it may and was stopped{where}."
    if fault.kind != "JobFailed":
        note_error(fault)
    return JobRun.State.FAILED, "", fault.message if fault.kind == "JobFailed" else str(fault)
