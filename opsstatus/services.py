"""What can be done about the server: remember, find the dead, trim, resolve, tune, ask for updates."""

import datetime as dt
import hashlib
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Failure, OrmQ

from billtracker.core import audit
from billtracker.core.data.database_errors import fault_of
from billtracker.core.process import jobs
from billtracker.core.settings import runtime_settings
from opsstatus.models import JobRun, RecentError, StoredFact
from opsstatus.monitoring import key_fingerprints
from opsstatus.monitoring.redaction import RedactedError

KEEP_RUNS_COUNT = 20_000
FAILED = "The measurement failed ({kind}); the log has more."
GONE = "The worker process that ran it is gone."
GIVEN_UP = "The worker process that ran it is gone, again; it is not tried any more."


# --- facts -------------------------------------------------------------------------------------
def store_fact(name: str, values: dict) -> None:
    """Remember a measured fact with the time; the earlier one is replaced."""
    defaults = {"at": timezone.now(), "values": values, "error": ""}
    StoredFact.objects.update_or_create(name=name, defaults=defaults)


def store_failure(name: str, error: Exception) -> str:
    """Remember that a measurement failed, and why; returns the sentence. A failed check is a result."""
    fault = fault_of(error)
    sentence = fault.sentence if fault else FAILED.format(kind=type(error).__name__)
    StoredFact.objects.update_or_create(name=name, defaults={"at": timezone.now(), "error": sentence[:300]})
    return sentence


def remember_start() -> None:
    """Note that a worker starts, and whether a key is another one than at the start before."""
    known = StoredFact.objects.filter(name="keys").first()
    store_fact("keys", key_fingerprints.compare_fingerprints(known.values if known else {}, timezone.now()))
    store_fact("start", {"version": settings.VERSION})


def check_database() -> str:
    """Ask the database whether it is whole and remember the answer; returns it as a sentence.

    Raises DatabaseError when it is too damaged to be asked, which is remembered as what it is.
    """
    try:
        faults = _count_faults()
    except DatabaseError as error:
        store_failure("integrity", error)
        raise
    store_fact("integrity", {"faults": faults})
    return "The database is whole." if not faults else f"The database has {faults} faults."


def _count_faults() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(20)")
            lines = [row[0] for row in cursor.fetchall()]
            return 0 if lines == ["ok"] else len(lines)
        cursor.execute(
            "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]


# --- job runs ----------------------------------------------------------------------------------
def mark_killed_runs() -> int:
    """Mark runs whose process is gone, or that ran longer than any can, as killed; returns how many.

    Their jobs are done again at once, not when the queue's own time is over; a job that was killed
    as often as any may be tried is given up.
    """
    now, here = timezone.now(), socket.gethostname()[:80]
    dead = [
        pk
        for pk, pid in JobRun.objects.running().filter(host=here).values_list("pk", "pid")
        if not _is_alive(pid)
    ]
    overrun = JobRun.objects.overrun(now).values_list("pk", flat=True)
    gone = JobRun.objects.running().filter(pk__in={*dead, *overrun})
    task_ids = set(gone.values_list("task_id", flat=True))
    count = gone.update(state=JobRun.State.KILLED, ended_at=now, error=GONE)
    if task_ids:
        _hand_out_again(task_ids, now)
    return count


def _hand_out_again(task_ids: set[str], now: dt.datetime) -> None:
    """Put jobs that a dead process had taken back to the queue, or give them up."""
    # Only what was taken has a lock that lies ahead: a handful of rows.
    for row in OrmQ.objects.filter(lock__gt=now):
        if row.task_id() not in task_ids:
            continue
        # The lock as it was read: whoever took the job meanwhile has set another one.
        mine = OrmQ.objects.filter(pk=row.pk, lock=row.lock)
        killed = JobRun.objects.filter(task_id=row.task_id(), state=JobRun.State.KILLED)
        if killed.count() < Conf.MAX_ATTEMPTS:
            mine.update(lock=now)
        elif mine.delete()[0]:
            killed.filter(ended_at=now).update(error=GIVEN_UP)


def _is_alive(pid: int) -> bool:
    """Say whether a process of that number lives on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove_old_runs(*, older_than: dt.timedelta) -> dict[str, int]:
    """Remove job runs and failures that started that long ago, and runs beyond the last 20,000."""
    limit = timezone.now() - older_than
    count = JobRun.objects.filter(started_at__lte=limit).delete()[0]
    failures = Failure.objects.filter(started__lte=limit).delete()[0]
    last_kept = JobRun.objects.order_by("-pk").values_list("pk", flat=True)[KEEP_RUNS_COUNT:][:1]
    for pk in list(last_kept):
        count += JobRun.objects.filter(pk__lte=pk).delete()[0]
    return {"runs": count, "failures": failures}


# --- errors ------------------------------------------------------------------------------------
def note_error(fault: RedactedError) -> None:
    """Count a fault; a resolved one that comes again is open again."""
    now = timezone.now()
    fingerprint = hashlib.sha256(f"{fault.kind}\n{fault.place}\n{fault.message}".encode()).hexdigest()
    again = {"count": F("count") + 1, "last_seen_at": now, "resolved_at": None}
    if RecentError.objects.filter(fingerprint=fingerprint).update(**again):
        return
    seen = {"kind": fault.kind[:120], "place": fault.place[:200], "message": fault.message[:300]}
    with suppress(IntegrityError), transaction.atomic():
        RecentError.objects.create(fingerprint=fingerprint, first_seen_at=now, last_seen_at=now, **seen)
        return
    # Another process was first in the meantime.
    RecentError.objects.filter(fingerprint=fingerprint).update(**again)


def resolve_error(*, actor, error: RecentError) -> bool:
    """Mark an error as dealt with, until it comes again; False when somebody did so before."""
    with transaction.atomic():
        changed = RecentError.objects.unresolved().filter(pk=error.pk).update(resolved_at=timezone.now())
        if changed:
            audit.record(actor, "error.resolved", error, scope=audit.OFFICE)
    return bool(changed)


def remove_resolved_errors(*, older_than: dt.timedelta) -> dict[str, int]:
    """Remove errors that were resolved that long ago and did not come again; returns how many."""
    old = RecentError.objects.filter(resolved_at__lte=timezone.now() - older_than)
    return {"errors": old.delete()[0]}


# --- settings ----------------------------------------------------------------------------------
def save_settings(*, actor, values: Mapping[str, object]) -> int:
    """Save all of the values or, when one is refused with a DomainError, none; returns how many."""
    with transaction.atomic():
        for name, value in values.items():
            runtime_settings.save(actor, name, value)
        if values.get("update_check_url"):
            jobs.enqueue("opsstatus.tasks.check_for_update")
    return len(values)


def clear_setting(*, actor, name: str) -> bool:
    """Forget a saved value, so that the environment or the default counts again; False if none was."""
    return runtime_settings.clear(actor, name)


# --- updates -----------------------------------------------------------------------------------
def check_for_update() -> str:
    """Ask the configured address for the latest version and remember the answer; returns a sentence.

    A failure is remembered too, beside the version that was known before. Without an address nothing is
    asked and nothing is written.
    """
    url = runtime_settings.get("update_check_url")
    if not url:
        return "Not asked: no address is set."
    from opsstatus.monitoring import (
        updates,  # brings the network's library, which no other command or job needs
    )

    known = StoredFact.objects.filter(name="update").first()
    latest = known.values.get("latest", "") if known else ""
    try:
        latest, error = updates.latest_version(url), ""
    except updates.UpdateUnknown as unknown:
        error = str(unknown)
    store_fact("update", {"latest": latest, "error": error})
    return f"The latest version is {latest}." if not error else f"The latest version is not known: {error}"
