"""A readers-writer lock on all data: shared by whoever works with them, exclusive to a restore.

Every request, job and command takes the lock shared. A restore takes it exclusively: nobody new gets
it from then on, those who have it come to their end, and a request that waits too long is answered
503. A process that dies releases it. On SQLite these are two locked files beside the database, on
Postgres one advisory lock, which serves several machines.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection

from billtracker.core.data.databases import forget_known_rows
from billtracker.core.data.named_locks import key_of
from billtracker.core.exceptions import DomainError

NAME = "data"
LOCK_NOT_AVAILABLE, UNDEFINED_TABLE = "55P03", "42P01"
NEWEST = "SELECT token FROM core_restoration ORDER BY id DESC LIMIT 1"
STEP = 0.05  # seconds between two tries
# No job runs longer than this, so whoever waits as long gets the lock.
PATIENCE = 150.0
# The restoration that the data came from, as this process last saw it; None before it looked.
_seen: str | None = None


class DataLocked(DomainError):
    """The data are being replaced, or others work on them for too long."""

    code = "maintenance"


@dataclass
class DataLock:
    """A shared lock; ``token`` names the restoration that the data came from, "" for none."""

    unlock: Callable[[], None]
    token: str = ""
    is_over: bool = field(default=False, init=False)

    def release(self) -> None:
        """Release the lock; a second time does nothing."""
        if not self.is_over:
            self.is_over = True
            self.unlock()


# --- shared ------------------------------------------------------------------------------------
def acquire_shared(wait: float) -> DataLock:
    """Take the lock together with others. Raises DataLocked when that takes more than ``wait`` seconds."""
    deadline = time.monotonic() + wait
    attempt = _try_on_server if connection.vendor == "postgresql" else _try_on_files
    while (lock := attempt()) is None:
        if time.monotonic() >= deadline:
            raise DataLocked("A backup is being restored. Nothing was changed; try again in a moment.")
        time.sleep(STEP)
    _notice(lock.token)
    return lock


@contextmanager
def share_data(wait: float = PATIENCE) -> Iterator[DataLock]:
    """Hold the lock together with others while the block runs. Raises DataLocked as ``acquire_shared``."""
    lock = acquire_shared(wait)
    try:
        yield lock
    finally:
        lock.release()


def _notice(token: str) -> None:
    """Forget what was remembered of the data when they are others than before."""
    global _seen
    if token != _seen:
        if _seen is not None:
            forget_known_rows()
        _seen = token


# --- exclusive ---------------------------------------------------------------------------------
@contextmanager
def exclusive(wait: float = PATIENCE) -> Iterator[None]:
    """Hold the lock alone while the block runs; nobody else gets it from the moment this is called.

    Raises DataLocked when the others do not release it within ``wait`` seconds; then all goes on as before.
    """
    holder = _exclusive_on_server if connection.vendor == "postgresql" else _exclusive_on_files
    with holder(wait):
        yield


# --- files -------------------------------------------------------------------------------------
def _open_lock_file(part: str) -> int:
    path = settings.DATA_DIR / "db" / f"{NAME}.{part}.lock"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock_file(part: str, how: int) -> int | None:
    """Return the open file, locked without waiting, or None."""
    handle = _open_lock_file(part)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _try_on_files() -> DataLock | None:
    """Take the second file's lock by way of the first, which an exclusive holder locks before it waits."""
    entry = _try_lock_file("gate", fcntl.LOCK_SH)
    if entry is None:
        return None
    try:
        inside = _try_lock_file("inside", fcntl.LOCK_SH)
    finally:
        os.close(entry)
    if inside is None:
        return None
    return DataLock(lambda: os.close(inside), _last_token())


@contextmanager
def _exclusive_on_files(wait: float) -> Iterator[None]:
    deadline = time.monotonic() + wait
    held: list[int] = []
    try:
        for part in ("gate", "inside"):
            held.append(_locked_within(part, deadline))
        yield
    finally:
        for handle in reversed(held):
            os.close(handle)


def _locked_within(part: str, deadline: float) -> int:
    while (handle := _try_lock_file(part, fcntl.LOCK_EX)) is None:
        if time.monotonic() >= deadline:
            raise _still_in_use()
        time.sleep(STEP)
    return handle


def _still_in_use() -> DataLocked:
    return DataLocked(
        "Work on the data did not come to an end in time. Nothing was changed; try again later."
    )


# --- server ------------------------------------------------------------------------------------
# Past Django's cursors: this is no question of the page's, and stays out of its count.
def _try_on_server() -> DataLock | None:
    """Ask for the lock; Postgres gives it to nobody while somebody waits for it exclusively."""
    own = _usable_connection()
    with connection.wrap_database_errors:
        row = own.execute("SELECT pg_try_advisory_lock_shared(%s)", [key_of(NAME)]).fetchone()
    if not row[0]:
        return None

    return DataLock(partial(_unlock, own, "pg_advisory_unlock_shared"), _last_token())


@contextmanager
def _exclusive_on_server(wait: float) -> Iterator[None]:
    own = _usable_connection()
    own.execute(f"SET lock_timeout = {int(wait * 1000) or 1}")
    try:
        with connection.wrap_database_errors:
            own.execute("SELECT pg_advisory_lock(%s)", [key_of(NAME)])
    except DatabaseError as error:
        if _sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise _still_in_use() from None
        raise
    finally:
        own.execute("RESET lock_timeout")
    try:
        yield
    finally:
        _unlock(own, "pg_advisory_unlock")


def _unlock(own, function: str) -> None:
    """Release the lock; a connection that broke, or that its owner closed, holds none any more."""
    with suppress(DatabaseError), connection.wrap_database_errors:
        own.execute(f"SELECT {function}(%s)", [key_of(NAME)])


def _last_token() -> str:
    """Return the token of the newest restoration, "" for none; asked past Django's cursors too."""
    try:
        with connection.wrap_database_errors:
            row = _usable_connection().execute(NEWEST).fetchone()
    except DatabaseError as error:
        if _is_missing_table(error):
            return ""
        raise
    return row[0] if row else ""


def _usable_connection():
    """Return the driver's own connection, made anew when it broke since the last request."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.connection


def _is_missing_table(error: DatabaseError) -> bool:
    """Say whether the table is not there yet: before the first migration."""
    return "no such table" in str(error) or _sqlstate(error) == UNDEFINED_TABLE


def _sqlstate(error: DatabaseError) -> str | None:
    """Return Postgres' code of the error; its driver is not imported where nobody needs it."""
    return getattr(error.__cause__, "sqlstate", None)
