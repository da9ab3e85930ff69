"""Long work on backups, one at a time: who does what since when, how far it is, and how it ended.

Its state is a file, because a restore changes the database under it. Who works holds a lock that death
lets go of, so that a state that still says "running" without the lock tells of a process that was killed.
"""

import datetime as dt
import json
import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import timezone

from backups import operation_lock, operation_states
from backups.archive.leftovers import remove_partials
from backups.archive.media import remove_leftover
from backups.operation_states import OperationState, known_keys, new_key, new_state, tidy_states, write_state
from billtracker.core.data.database_errors import fault_of, refusing_database_faults
from billtracker.core.exceptions import DomainError, LimitReached
from billtracker.core.settings import runtime_settings

logger = logging.getLogger(__name__)

SPAN = dt.timedelta(hours=1)  # over which a person's operations are counted
WRITE_EVERY = 0.25  # seconds between two writes of the same step's share
QUOTA_SENTENCE = (
    "Backup operations on these pages are limited to {allowed} an hour. Nothing was done. "
    "Wait {minutes} min, or use the commands of manage.py."
)
UNEXPECTED = "It stopped because of an unexpected fault ({}) and did not come through. The log has more."


@dataclass
class Operation:
    """The work in hand; its methods keep the state file up to date."""

    state: OperationState
    written_at: float = 0.0
    is_ok: bool = True  # whether what came through came out well

    @property
    def key(self) -> str:
        return self.state.key

    def report(self, sentence: str, share: float | None = None) -> None:
        """Say what is being done; the share may come as often as it likes."""
        is_new = self.state.steps[-1:] != (sentence,)
        self.state = replace(
            self.state, share=share, steps=(*self.state.steps, sentence) if is_new else self.state.steps
        )
        if is_new or time.monotonic() - self.written_at > WRITE_EVERY:
            self.write()

    def name_backup(self, backup_id: str) -> None:
        """Say which backup it is about."""
        self.state = replace(self.state, backup_id=backup_id)
        self.write()

    def say(self, sentence: str) -> None:
        """Give the sentence that the operation ends with."""
        self.state = replace(self.state, sentence=sentence)

    def end(self, state: str, sentence: str = "", code: str = "") -> None:
        self.state = replace(
            self.state,
            state=state,
            code=code,
            sentence=sentence or self.state.sentence,
            share=1.0 if state == "done" else self.state.share,
            ended_at=timezone.now(),
        )
        self.write()

    def write(self) -> None:
        """Write the state down; on a full disk the work goes on without: it may be what makes room."""
        self.written_at = time.monotonic()
        try:
            write_state(self.state)
        except OSError as error:
            if fault_of(error) is None:
                raise
            logger.debug("The state of an operation on backups could not be written: %s", error)


# --- doing -------------------------------------------------------------------------------------
@contextmanager
def begin(kind: str, actor_name: str, key: str | None = None, lock: int | None = None) -> Iterator[Operation]:
    """Be the one operation of this data directory until the end of the ``with``.

    Raises DomainError with code ``busy`` when another one runs. What dead ones left half-way is removed
    first. A DomainError inside ends it as refused, anything else as failed; both go on to the caller.
    ``lock`` is a descriptor that holds the lock already, as ``start`` hands it over.
    """
    lock = operation_lock.take() if lock is None else lock
    try:
        os.set_inheritable(lock, False)
        remove_partials()
        remove_leftover()
        operation = Operation(new_state(kind, actor_name, key or new_key()))
        operation.write()
        tidy_states(operation.key)
        with outcome_of(operation):
            yield operation
    finally:
        os.close(lock)


@contextmanager
def outcome_of(operation: Operation) -> Iterator[None]:
    """Keep how the work ended; a fault of the database or a full disk goes on as a DomainError."""
    try:
        with refusing_database_faults():
            yield
    except DomainError as error:
        operation.end("refused", error.sentence, error.code)
        raise
    except KeyboardInterrupt:
        operation.end("refused", "It was interrupted. Nothing of it remains.")
        raise
    except BaseException as error:
        operation.end("failed", UNEXPECTED.format(type(error).__name__))
        raise
    else:
        operation.end("done" if operation.is_ok else "failed")


def start(kind: str, actor, /, **arguments) -> str:
    """Start the operation as a process of its own, which outlives this one; returns its key.

    ``arguments`` are those of the service, as JSON holds them (a backup by its id, a path as text). They go
    through a pipe: nothing of them is on a command line or on the disk. Raises DomainError when one runs.
    """
    key, lock = new_key(), operation_lock.take()
    try:
        # Written before the process comes up, so that the page that leads there finds it.
        write_state(new_state(kind, actor.get_username() if actor else "server", key))
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_backup_operation", key]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            start_new_session=True,
            pass_fds=[lock],
        )
        request = {
            "kind": kind, "actor": actor.pk if actor else None, "lock": lock, "arguments": arguments,
        }  # fmt: skip
        with suppress(BrokenPipeError):  # it died at once; its state will say so
            _hand_over(process, request)
    finally:
        os.close(lock)
    return key


def require_quota(actor) -> None:
    """Raise LimitReached when the person has begun as many within the hour as the settings allow."""
    allowed, now = runtime_settings.get("backup_operations_per_hour"), timezone.now()
    states = (state for key in known_keys() if (state := operation_states.stored_state(key)))
    own = [state.started_at for state in states if state.actor_name == actor.get_username()]
    lately = [instant for instant in own if instant > now - SPAN]
    if len(lately) >= allowed:
        seconds = math.ceil((lately[allowed - 1] + SPAN - now).total_seconds())
        words = QUOTA_SENTENCE.format(allowed=allowed, minutes=math.ceil(seconds / 60))
        raise LimitReached(words, seconds=seconds)


def _hand_over(process: subprocess.Popen, request: dict) -> None:
    """Write the request to the process, and let a thread wait for its end: no zombie remains."""
    threading.Thread(target=process.wait, daemon=True).start()
    assert process.stdin is not None  # noqa: S101 a pipe was asked for
    with process.stdin as pipe:
        pipe.write(json.dumps(request).encode())
