"""The gate before the data: who works on them goes in together, who replaces them goes in alone.

Every request, job and command holds the data *shared*. A restore holds them *alone*: it closes the
gate, waits for those inside, and meanwhile the others wait or are told to come back. Death lets go.
On SQLite these are two locked files beside the database, on Postgres one advisory lock, which
serves several machines.
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

from billtracker.core.databases import forget_known_rows
from billtracker.core.exceptions import DomainError
from billtracker.core.locks import key_of

NAME = "data"
LOCK_NOT_AVAILABLE, UNDEFINED_TABLE = "55P03", "42P01"
NEWEST = "SELECT token FROM core_restoration ORDER BY id DESC LIMIT 1"
STEP = 0.05  # seconds between two tries
# No job runs longer than this, so whoever waits as long gets in.
PATIENCE = 150.0
# The restoration that the data came from, as this process last saw it; None before it looked.
_seen: str | None = None


class Closed(DomainError):
    """The data are being replaced, or others work on them for too long."""

    code = "maintenance"


@dataclass
class Hold:
    """A hold of the data; ``token`` names the restoration that the data came from, "" for none."""

    let_go: Callable[[], None]
    token: str = ""
    is_over: bool = field(default=False, init=False)

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if not self.is_over:
            self.is_over = True
            self.let_go()


# --- together ----------------------------------------------------------------------------------
def enter(wait: float) -> Hold:
    """Hold the data together with others. Raises Closed when that does not come within ``wait`` seconds."""
    deadline = time.monotonic() + wait
    attempt = try_on_server if connection.vendor == "postgresql" else try_on_files
    while (hold := attempt()) is None:
        if time.monotonic() >= deadline:
            raise Closed("A backup is being restored. Nothing was changed; try again in a moment.")
        time.sleep(STEP)
    notice(hold.token)
    return hold


@contextmanager
def shared(wait: float = PATIENCE) -> Iterator[Hold]:
    """Hold the data together with others while the block runs; raises Closed like ``enter``."""
    hold = enter(wait)
    try:
        yield hold
    finally:
        hold.release()


def notice(token: str) -> None:
    """Forget what was remembered of the data when they are others than before."""
    global _seen
    if token != _seen:
        if _seen is not None:
            forget_known_rows()
        _seen = token


# --- alone -------------------------------------------------------------------------------------
@contextmanager
def exclusive(wait: float = PATIENCE) -> Iterator[None]:
    """Hold the data alone while the block runs; nobody else gets in from the moment this is called.

    Raises Closed when those inside do not come out within ``wait`` seconds; then all goes on as before.
    """
    holder = alone_on_server if connection.vendor == "postgresql" else alone_on_files
    with holder(wait):
        yield


# --- files -------------------------------------------------------------------------------------
def opened(part: str) -> int:
    path = settings.DATA_DIR / "db" / f"{NAME}.{part}.lock"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def locked(part: str, how: int) -> int | None:
    """Return the open file, locked without waiting, or None."""
    handle = opened(part)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def try_on_files() -> Hold | None:
    """Go through the gate; who is inside is counted by the second file, so that the gate can close first."""
    gate = locked("gate", fcntl.LOCK_SH)
    if gate is None:
        return None
    try:
        inside = locked("inside", fcntl.LOCK_SH)
    finally:
        os.close(gate)
    if inside is None:
        return None
    return Hold(lambda: os.close(inside), last_token())


@contextmanager
def alone_on_files(wait: float) -> Iterator[None]:
    deadline = time.monotonic() + wait
    held: list[int] = []
    try:
        for part in ("gate", "inside"):
            held.append(locked_within(part, deadline))
        yield
    finally:
        for handle in reversed(held):
            os.close(handle)


def locked_within(part: str, deadline: float) -> int:
    while (handle := locked(part, fcntl.LOCK_EX)) is None:
        if time.monotonic() >= deadline:
            raise busy()
        time.sleep(STEP)
    return handle


def busy() -> Closed:
    return Closed("Work on the data did not come to an end in time. Nothing was changed; try again later.")


# --- server ------------------------------------------------------------------------------------
# Past Django's cursors: this is no question of the page's, and stays out of its count.
def try_on_server() -> Hold | None:
    """Ask for the lock; Postgres lets nobody in while somebody waits to be alone."""
    own = usable_connection()
    with connection.wrap_database_errors:
        row = own.execute("SELECT pg_try_advisory_lock_shared(%s)", [key_of(NAME)]).fetchone()
    if not row[0]:
        return None

    return Hold(partial(unlock, own, "pg_advisory_unlock_shared"), last_token())


@contextmanager
def alone_on_server(wait: float) -> Iterator[None]:
    own = usable_connection()
    own.execute(f"SET lock_timeout = {int(wait * 1000) or 1}")
    try:
        with connection.wrap_database_errors:
            own.execute("SELECT pg_advisory_lock(%s)", [key_of(NAME)])
    except DatabaseError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise busy() from None
        raise
    finally:
        own.execute("RESET lock_timeout")
    try:
        yield
    finally:
        unlock(own, "pg_advisory_unlock")


def unlock(own, function: str) -> None:
    """Let go; a connection that broke, or that its owner closed, holds nothing any more."""
    with suppress(DatabaseError), connection.wrap_database_errors:
        own.execute(f"SELECT {function}(%s)", [key_of(NAME)])


def last_token() -> str:
    """Return the token of the newest restoration, "" for none; asked past Django's cursors too."""
    try:
        with connection.wrap_database_errors:
            row = usable_connection().execute(NEWEST).fetchone()
    except DatabaseError as error:
        if is_missing_table(error):
            return ""
        raise
    return row[0] if row else ""


def usable_connection():
    """Return the driver's own connection, made anew when it broke since the last request."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.connection


def is_missing_table(error: DatabaseError) -> bool:
    """Say whether the table is not there yet: before the first migration."""
    return "no such table" in str(error) or sqlstate(error) == UNDEFINED_TABLE


def sqlstate(error: DatabaseError) -> str | None:
    """Return Postgres' code of the error; its driver is not imported where nobody needs it."""
    return getattr(error.__cause__, "sqlstate", None)
