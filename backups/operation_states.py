"""How operations on backups stand and ended: one small file each, because a restore changes the database."""

import datetime as dt
import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.utils import timezone

from backups import operation_lock
from backups.private_files import backups_folder, write_aside
from billtracker.core.data.database_errors import DAMAGED, FULL, UNREACHABLE

KEY = re.compile(r"[0-9a-z]{8,40}")
KINDS = ("create", "scheduled", "verify", "proof", "import", "restore", "move", "delete")
STATES = ("running", "done", "failed", "refused", "killed")
# A refusal of these is a fault of the server: nobody asked for anything that could be wrong.
OWED = {"create", "scheduled", "proof"}
SAME_WORK = {"scheduled": "create", "proof": "verify"}
INSTANTS = ("started_at", "ended_at", "seen_at")
KEPT = 50  # states of ended operations
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
    code: str = ""  # of the refusal or fault that ended it
    seen_at: dt.datetime | None = None  # an administrator has taken note of its fault
    seen_by: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def work(self) -> str:
        """Return the kind of work; what the clock starts is the same work as what a person starts."""
        return SAME_WORK.get(self.kind, self.kind)

    @property
    def is_fault(self) -> bool:
        """Say whether something is wrong with the server, rather than with what a person asked for."""
        if self.state == "refused":
            return self.kind in OWED or self.code in (DAMAGED, FULL, UNREACHABLE)
        return self.state in ("failed", "killed")

    def as_json(self) -> dict:
        instants = {name: getattr(self, name) for name in INSTANTS}
        return asdict(self) | {name: at.isoformat() if at else None for name, at in instants.items()}


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
    state = stored_state(key) if KEY.fullmatch(key) else None
    if state is None or not state.is_running or (operation_lock.is_held() and key == known_keys()[0]):
        return state
    # It may have ended between the two looks.
    state = stored_state(key)
    return _mark_killed(state) if state and state.is_running else state


def open_faults() -> list[OperationState]:
    """Return the last fault of each kind of work that has neither come through nor been seen since.

    A refusal of what a person asked for says nothing about the server, and changes nothing here.
    """
    decided: dict[str, OperationState] = {}
    for key in known_keys():
        state = find(key)
        if state and not state.is_running and (state.state == "done" or state.is_fault):
            decided.setdefault(state.work, state)
    return [state for state in decided.values() if state.is_fault and state.seen_at is None]


def mark_seen(state: OperationState, actor_name: str) -> None:
    """Write beside the fault who has taken note of it."""
    write_state(replace(state, seen_at=timezone.now(), seen_by=actor_name))


def _mark_killed(state: OperationState) -> OperationState:
    return replace(state, state="killed", sentence=KILLED_SENTENCE)


def stored_state(key: str) -> OperationState | None:
    return _read_state(states_folder() / f"{key}.json")


def _read_state(path: Path) -> OperationState | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(path.read_text(encoding="utf-8"))
        instants = {
            name: dt.datetime.fromisoformat(data[name]) if data.get(name) else None for name in INSTANTS
        }
        return OperationState(**{**data, **instants, "steps": tuple(data["steps"])})
    return None


def known_keys() -> list[str]:
    """Return the keys of all states, the newest first."""
    with suppress(FileNotFoundError):
        return sorted((path.stem for path in states_folder().glob("[0-9a-z]*.json")), reverse=True)
    return []


def tidy_states(own: str) -> None:
    """Forget the oldest states, and let those of killed operations say so; the caller holds the lock.

    A fault that nobody has dealt with is not forgotten, however much was done since.
    """
    keys, open_keys = known_keys(), {state.key for state in open_faults()}
    for key in set(keys[KEPT:]) - open_keys:
        (states_folder() / f"{key}.json").unlink(missing_ok=True)
    for key in keys[:KEPT]:
        state = stored_state(key) if key != own else None
        if state and state.is_running:
            write_state(_mark_killed(state))
