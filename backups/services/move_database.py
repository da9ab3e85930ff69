"""Carrying all data into another database, proven equal before anything there counts."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import dj_database_url
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from backups.engines import Report, silent
from backups.engines.figures import Figures, differences, take_figures
from backups.transfer.rows import NOTHING_MOVED, TransferTable, digest_of, tables
from backups.transfer.target import require_free, take_over
from billtracker.core import audit
from billtracker.core.data import data_lock
from billtracker.core.data.databases import standing_in
from billtracker.core.data.triggers import renew_every_rule
from billtracker.core.exceptions import DomainError

WORDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
OWN_FILE = "sqlite"
SQLITE, POSTGRES = "sqlite:///", ("postgres://", "postgresql://")
MIGRATIONS = "django_migrations"
WAIT_FOR_TARGET = 2.0


@dataclass(frozen=True, slots=True)
class Move:
    """What was carried where; for the audit log it is a thing of its own."""

    _meta: ClassVar = SimpleNamespace(label_lower="backups.move")
    source: str
    target: str
    row_count: int
    table_count: int
    advice: str

    @property
    def pk(self) -> str:
        return self.target

    @property
    def sentence(self) -> str:
        return (
            f"Carried {self.row_count:,} rows of {self.table_count} tables from {self} and found every row "
            "and total equal. Stop the server now: what it still writes stays in the old database. "
            f"{self.advice}"
        )

    def __str__(self) -> str:
        return f"{WORDS[self.source]} to {WORDS[self.target]}"


def move_database(*, actor, url: str, report: Report = silent) -> Move:
    """Carry every row into the database at ``url`` and prove it equal; audited there.

    ``url`` is postgres://…, sqlite:///path, or "sqlite" for the file of the data directory. Processes that
    serve answer 503 meanwhile. The source stays as it is. Raises DomainError with nothing moved when the
    target is in use, holds something, or any row or total would not be the same there.
    """
    target, advice = _target_of(url)
    report("Waiting for work on the data to end", None)
    with data_lock.exclusive(), made_file(target):
        source = connections["default"]
        _require_current()
        with one_instant(source):
            figures = take_figures()
            with standing_in(target), target_alone():
                require_free()
                report("Making the tables", None)
                _make_tables()
                with transaction.atomic(durable=True):
                    count = _carry(source, figures, report)
                    move = Move(source.vendor, connection.vendor, count, len(tables()), advice)
                    changes = {"rows": [None, count]}
                    audit.record(actor, "database.moved", move, changes, scope=audit.OFFICE)
    return move


def _make_tables() -> None:
    """Bring the target to the schema of today. Raises DomainError."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise DomainError(
            "The target does not take our tables; its user must be allowed to make tables there, and what "
            f"stands there already must be of this version. {NOTHING_MOVED}"
        ) from error


def _carry(source, figures: Figures, report: Report) -> int:
    """Load, compare, and hold the rules again; returns how many rows there are. Raises DomainError."""
    every, done = tables(), 0
    total = max(sum(figures.rows.values()), 1)

    def tell(_name: str, count: int) -> None:
        nonlocal done
        done += count
        report("Carrying the rows", min(done / total, 0.99))

    digests = take_over(every, source, tell)
    report("Comparing every row", None)
    _require_equal(every, digests)
    report("Comparing the totals", None)
    _require_same_figures(figures, take_figures())
    renew_every_rule(connection)
    return sum(count for count, _ in digests.values())


def _require_equal(every: list[TransferTable], digests: dict[str, tuple[int, str]]) -> None:
    """Read the target's rows back and compare them with those that were read in the source."""
    differing = [table.name for table in every if digest_of(table, connection) != digests[table.name]]
    if differing:
        raise DomainError(
            f"Rows would not be the same there, in {', '.join(differing[:5])}. {NOTHING_MOVED}",
            code="differs",
        )


def _require_same_figures(expected: Figures, found: Figures) -> None:
    """Compare counts, sums and headline; applied migrations are the target's own."""
    first, second = (
        replace(one, rows={name: count for name, count in one.rows.items() if name != MIGRATIONS})
        for one in (expected, found)
    )
    faults = differences(first, second)
    if first.headline != second.headline:
        faults.append("the headline")
    if faults:
        raise DomainError(f"These would differ there: {', '.join(faults)}. {NOTHING_MOVED}", code="differs")


# --- the two databases -------------------------------------------------------------------------
def _target_of(url: str) -> tuple[dict, str]:
    """Return the target as an entry of DATABASES, and what to do when the move is done."""
    own = str(settings.DATA_DIR / "db" / "bills.db")
    if url.startswith(POSTGRES):
        try:
            target = {**dj_database_url.parse(url, conn_health_checks=True)}
        except Exception as error:
            raise _unknown_address() from error
        if not target.get("NAME"):
            raise _unknown_address()
        return target, "Then set DATABASE_URL to the address that you gave here, and start it again."
    path = own if url == OWN_FILE else url.removeprefix(SQLITE)
    if not path or (url != OWN_FILE and not url.startswith(SQLITE)):
        raise _unknown_address()
    target = {
        "ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(path).resolve()),
        "OPTIONS": settings.SQLITE_OPTIONS,
    }  # fmt: skip
    if url == OWN_FILE:
        return target, "Then unset DATABASE_URL, and start it again."
    return target, (
        "Then put the new file into a data directory as db/bills.db, unset DATABASE_URL, and start it again."
    )


def _unknown_address() -> DomainError:
    return DomainError(
        "The target must look like postgres://user:password@host:port/name or sqlite:///path, or be the word "
        f"sqlite for the data directory's own file. {NOTHING_MOVED}"
    )


@contextmanager
def made_file(target: dict) -> Iterator[None]:
    """Make a SQLite target's file for its owner alone; one that was made for nothing goes again."""
    if not target["ENGINE"].endswith("sqlite3"):
        yield
        return
    path = Path(target["NAME"])
    if _is_live(path):
        raise DomainError(f"The target is the database that is in use. {NOTHING_MOVED}")
    was_there = path.exists()
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise DomainError(f"The target file cannot be written ({error.strerror}). {NOTHING_MOVED}") from error
    try:
        yield
    except BaseException:
        if not was_there:
            for ending in ("", "-wal", "-shm"):
                Path(f"{path}{ending}").unlink(missing_ok=True)
        raise


def _is_live(path: Path) -> bool:
    own = Path(str(connection.settings_dict["NAME"]))
    return connection.vendor == "sqlite" and path.exists() and path.samefile(own)


def _require_current() -> None:
    """Raise DomainError when the own data wait for a migration: the target would be ahead of them."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DomainError(f"The database waits for migrations; run migrate first. {NOTHING_MOVED}")


@contextmanager
def one_instant(source) -> Iterator[None]:
    """Hold the source as it is: what others write without the data lock does not change what is read."""
    with transaction.atomic(durable=True):
        if source.vendor == "postgresql":
            with source.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


@contextmanager
def target_alone() -> Iterator[None]:
    """Be alone in the target, which proves too that it is not the source. Raises DomainError."""
    try:
        connection.ensure_connection()
        alone = data_lock.exclusive(WAIT_FOR_TARGET) if connection.vendor == "postgresql" else nullcontext()
    except DatabaseError as error:
        raise DomainError(
            "The target cannot be reached: look at its address, name, user and password. " + NOTHING_MOVED
        ) from error
    try:
        with alone:
            yield
    except data_lock.DataLocked as error:
        raise DomainError(f"The target is a database that is in use. {NOTHING_MOVED}") from error
