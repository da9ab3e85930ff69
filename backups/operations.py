"""Long work on backups, one at a time: who does what since when, how far it is, and how it ended.

Its state is a file, because a restore changes the database under it. Who works holds a lock that death
lets go of, so that a state that still says "running" without the lock tells of a process that was killed.
"""

import datetime as dt
import json
import logging
import math
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups import operation_lock
from backups.archive.leftovers import remove_partials
from backups.archive.media import remove_leftover
from backups.private_files import backups_folder, write_aside
from billtracker.core.exceptions import DomainError, LimitReached
from billtracker.core.settings import runtime_settings

logger = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-z]{8,40}")
KINDS = ("create", "scheduled", "verify", "proof", "import", "restore", "move", "delete")
STATES = ("running", "done", "failed", "refused", "killed")
KEPT = 50  # states of ended operations
SPAN = dt.timedelta(hours=1)  # over which a person's operations are counted
WRITE_EVERY = 0.25  # seconds between two writes of the same step's share
QUOTA_SENTENCE = (
    "Backup operations on these pages are limited to {allowed} an hour. Nothing was done. "
    "Wait {minutes} min, or use the commands of manage.py."
)
KILLED_SENTENCE = "It was killed before it ended. Live data and other backups are unharmed; start it again."


@dataclass(frozen=True, slots=True)
class OperationState:
    """An operation as its file says it; ``share`` is 0 to 1, None where it is not known."""

    key: str
    kind: str
    actor_name: str
    started_at: dt.datetime
    pid: int
    backup_id: str = ""
    steps: tuple[str, ...] = ()
    share: float | None = None
    state: str = "running"
    sentence: str = ""
    ended_at: dt.datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    def as_json(self) -> dict:
        data = asdict(self)
        return data | {
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
        }


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

    def end(self, state: str, sentence: str = "") -> None:
        self.state = replace(
            self.state,
            state=state,
            sentence=sentence or self.state.sentence,
            share=1.0 if state == "done" else self.state.share,
            ended_at=timezone.now(),
        )
        self.write()

    def write(self) -> None:
        self.written_at = time.monotonic()
        write_state(self.state)


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
        _tidy_states(operation.key)
        with outcome_of(operation):
            yield operation
    finally:
        os.close(lock)


@contextmanager
def outcome_of(operation: Operation) -> Iterator[None]:
    """Keep how the work ended."""
    try:
        yield
    except DomainError as error:
        operation.end("refused", error.sentence)
        raise
    except BaseException as error:
        words = "It stopped because of an unexpected fault ({}). Live data and other backups are unharmed."
        operation.end("failed", words.format(type(error).__name__))
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
    states = (state for key in known_keys() if (state := _stored_state(key)))
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


# --- states ------------------------------------------------------------------------------------
def states_folder() -> Path:
    return backups_folder() / "operations"


def new_key() -> str:
    """Return a key that sorts by time and cannot be guessed."""
    return f"{int(time.time() * 1000):011x}{secrets.token_hex(6)}"


def new_state(kind: str, actor_name: str, key: str) -> OperationState:
    if kind not in KINDS or not KEY.fullmatch(key):
        raise ValueError(f"{kind} {key}")
    return OperationState(key, kind, actor_name, timezone.now(), os.getpid())


def write_state(state: OperationState) -> None:
    states_folder().mkdir(mode=0o700, exist_ok=True)
    write_aside(states_folder() / f"{state.key}.json", json.dumps(state.as_json(), ensure_ascii=False))


def latest() -> OperationState | None:
    """Return the operation that began last; None when there was none."""
    return next((state for key in known_keys() if (state := find(key))), None)


def find(key: str) -> OperationState | None:
    """Return the operation of that key as it stands; one that was killed says so."""
    state = _stored_state(key) if KEY.fullmatch(key) else None
    if state is None or not state.is_running or (operation_lock.is_held() and key == known_keys()[0]):
        return state
    # It may have ended between the two looks.
    state = _stored_state(key)
    return _mark_killed(state) if state and state.is_running else state


def _mark_killed(state: OperationState) -> OperationState:
    return replace(state, state="killed", sentence=KILLED_SENTENCE)


def _stored_state(key: str) -> OperationState | None:
    return _read_state(states_folder() / f"{key}.json")


def _read_state(path: Path) -> OperationState | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(path.read_text(encoding="utf-8"))
        instants = {
            name: dt.datetime.fromisoformat(data[name]) if data[name] else None
            for name in ("started_at", "ended_at")
        }
        return OperationState(**{**data, **instants, "steps": tuple(data["steps"])})
    return None


def known_keys() -> list[str]:
    """Return the keys of all states, the newest first."""
    with suppress(FileNotFoundError):
        return sorted((path.stem for path in states_folder().glob("[0-9a-z]*.json")), reverse=True)
    return []


def _tidy_states(own: str) -> None:
    """Forget the oldest states, and let those of killed operations say so; the caller holds the lock."""
    keys = known_keys()
    for key in keys[KEPT:]:
        (states_folder() / f"{key}.json").unlink(missing_ok=True)
    for key in keys[:KEPT]:
        state = _stored_state(key) if key != own else None
        if state and state.is_running:
            write_state(_mark_killed(state))
