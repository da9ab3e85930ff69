"""What the server does by itself: scheduled backups, removal of old ones, and a weekly proof."""

import datetime as dt
import time

from django.utils import timezone

from backups import operation_states, operations
from backups.archive import folders
from backups.archive.folders import Backup
from backups.engines import Report, engine, silent
from backups.operation_states import OperationState
from backups.schedule import due_times, retention
from backups.services.create import create_backup
from backups.services.verify import Verification, verify_backup
from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed
from billtracker.core.settings import runtime_settings
from notifications.services import alert_administrators

WAIT = 60.0  # seconds that a job looks on; what lasts longer goes on without it
SUBJECTS = {
    "scheduled": "The scheduled backup failed",
    "proof": "The newest backup could not be proven",
}
NO_BACKUP_IS_DUE = "No backup is due."


# --- the work, in the operation's own process --------------------------------------------------
def make_scheduled_backup(*, actor, report: Report = silent) -> Backup:
    """Make the scheduled backup, then remove what is no longer kept. Raises DomainError."""
    backup = create_backup(actor=actor, kind="scheduled", report=report)
    _remove_old(report)
    return backup


def _remove_old(report: Report = silent) -> int:
    """Remove the scheduled backups that are no longer kept; call it after a good new one only."""
    old = retention.removable(folders.all_backups(), runtime_settings.get("backup_keep"))
    for backup in old:
        report(f"Removing {backup.id}", None)
        folders.remove_backup(backup)
    return len(old)


def prove_newest_backup(*, actor, report: Report = silent) -> Verification:
    """Verify the newest backup that the server can open. Raises DomainError when there is none.

    What was brought in under another passphrase was proven then, and is passed over.
    """
    for backup in fitting():
        try:
            return verify_backup(actor=actor, backup=backup, report=report)
        except DomainError as refusal:
            if refusal.code != "passphrase" or backup.kind != "imported":
                raise
    raise DomainError("There is no backup to prove.")


def fitting() -> list[Backup]:
    """Return the backups of this engine, newest first, damaged ones too: a proof finds that they are."""
    own = engine().name
    return [one for one in folders.all_backups() if not one.manifest or one.manifest.engine == own]


# --- the clock, in the worker ------------------------------------------------------------------
def run_schedule(now: dt.datetime | None = None) -> str:
    """Start the scheduled backup when it is due, and say how it went.

    Once after downtime, however long; after a failure again each hour. Raises JobFailed for a failed one.
    """
    now = now or timezone.now()
    due = due_times.backup_due(now)
    if due is None or _has_backup_since(due):
        return NO_BACKUP_IS_DUE
    if last := _last_try("scheduled", due):
        _tell_of(last)
        if last.is_running or now - last.started_at < due_times.TRIED_AGAIN:
            return f"The backup that was due did not come about yet: {last.sentence or 'it is being made.'}"
    return _start_and_watch("scheduled")


def run_proof(now: dt.datetime | None = None) -> str:
    """Start the weekly proof of the newest backup when it is due, and say how it went; as run_schedule."""
    now = now or timezone.now()
    due = due_times.proof_due(now)
    if not fitting():
        return "There is no backup to prove."
    if any(one.proof and one.proof.at >= due for one in folders.all_backups()):
        return "The newest backup was proven this week."
    if last := _last_try("proof", due):
        _tell_of(last)
        if last.is_running or now - last.started_at < due_times.TRIED_AGAIN:
            return f"The proof did not come about yet: {last.sentence or 'it is under way.'}"
    return _start_and_watch("proof")


def _has_backup_since(instant: dt.datetime) -> bool:
    return any(one.kind == "scheduled" and one.created_at >= instant for one in folders.all_backups())


def _last_try(kind: str, since: dt.datetime) -> OperationState | None:
    """Return the last operation of that kind that began since then."""
    states = (operation_states.find(key) for key in operation_states.known_keys())
    return next((one for one in states if one and one.kind == kind and one.started_at >= since), None)


def _start_and_watch(kind: str) -> str:
    """Start the operation, look on for a while, and say how it stands. Raises JobFailed when it failed."""
    try:
        key = operations.start(kind, None)
    except DomainError as error:
        return error.sentence
    state = _waited_for(key)
    _tell_of(state)
    if state is None or state.is_running:
        return "It was started and goes on."
    if state.state != "done":
        raise JobFailed(state.sentence)
    return state.sentence


def _waited_for(key: str) -> OperationState | None:
    end = time.monotonic() + WAIT
    while (state := operation_states.find(key)) and state.is_running and time.monotonic() < end:
        time.sleep(0.2)
    return state


def _tell_of(state: OperationState | None) -> None:
    """Mail the administrators when it failed: once for a day and kind, however often it fails."""
    if state is None or state.is_running or state.state == "done":
        return
    day = timezone.localtime(state.started_at, timezone.get_default_timezone()).date()
    key = f"backup:{state.kind}:{day}"
    alert_administrators(key=key, subject=SUBJECTS[state.kind], sentence=state.sentence)
