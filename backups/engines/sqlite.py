"""SQLite: one snapshot while writers go on, and a restore into the open file that nobody notices half-way."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import DatabaseError, connection

from backups.engines import Report, damage
from backups.engines.figures import Figures, take_figures
from backups.private_files import copy_file, digest_of, open_private, scratch_folder, sync
from billtracker.core.data.database_errors import (
    DAMAGED,
    SENTENCES,
    UNREACHABLE,
    fault_of,
    refusing_database_faults,
)
from billtracker.core.data.databases import standing_in
from billtracker.core.exceptions import DomainError

MAGIC = b"SQLite format 3\x00"
BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PATIENCE = 60.0  # seconds for others to let go of the file
CHECKPOINT_PATIENCE = 0.5
# Tables without which a file is no BillTracker's.
OURS = {"django_migrations", "accounts_user", "core_auditentry", "core_setting"}
WHOLE = [("ok",)]
# Of a copy that a power cut may take.
QUICK = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
NOT_SQLITE = "This is no SQLite database. Nothing was changed."


class Sqlite:
    """The engine of one file beside the application."""

    name = "sqlite"
    file_name = "database.sqlite3"
    digest = ""

    def live_size(self) -> int:
        """Return the bytes of the file and of what is not yet written into it."""
        paths = [live_path(), live_path().with_name(f"{live_path().name}-wal")]
        return sum(path.stat().st_size for path in paths if path.exists())

    def version(self) -> str:
        return sqlite3.sqlite_version

    def client_version(self) -> str:
        return ""

    def dump(self, target: Path, report: Report) -> Figures:
        """Copy one instant while writers go on; checked in full, figures taken from the copy itself."""
        report("Copying the database", None)
        with refusing_database_faults():
            checkpoint("PASSIVE")
            copy_database(live_path(), target)
            report("Checking the copy", None)
            figures = self._checked_figures(target)
            checkpoint("TRUNCATE")
        return figures

    def _checked_figures(self, target: Path) -> Figures:
        """Look through the copy in full and count it at the same time."""
        with ThreadPoolExecutor(2) as beside:
            # The check takes longest and comes first; the others share what is left of the machine.
            checks = [beside.submit(_require_whole_live, target), beside.submit(sync, target)]
            digest = beside.submit(digest_of, target)
            with standing_in(settings_for(target, "PRAGMA query_only=ON;")):
                figures = take_figures()
            for check in checks:
                check.result()
        self.digest = digest.result()
        return figures

    def examine(self, path: Path) -> None:
        """Raise DomainError for what is damaged, cut, not ours or another engine's; writes nothing."""
        _require_magic(path)
        _require_whole(path, "quick_check")
        with reading(path) as database:
            kinds = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        if OURS - {name for kind, name, _ in kinds if kind == "table"}:
            raise DomainError("This SQLite database is not BillTracker's. Nothing was changed.")
        strange = [
            name for kind, name, sql in kinds if kind == "view" or "virtual" in (sql or "")[:20].lower()
        ]
        if strange:
            raise DomainError(
                "This database holds views or virtual tables, as ours never does. Nothing was changed."
            )

    @contextmanager
    def scratch(self, path: Path) -> Iterator[None]:
        """Restore the file into a folder that goes again; checked, and the default connection inside."""
        folder = scratch_folder("scratch")
        try:
            copy = folder / self.file_name
            copy_file(path, copy)
            with ThreadPoolExecutor(1) as beside:
                # The original is looked through meanwhile: the work inside touches the copy alone.
                whole = beside.submit(_require_whole, path, "quick_check")
                try:
                    with standing_in(settings_for(copy, QUICK)):
                        yield
                except DatabaseError as error:
                    whole.result()
                    raise DomainError("The restored copy cannot be read. Nothing was changed.") from error
                whole.result()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def replace_live(self, path: Path, finish: Callable[[], None]) -> None:
        """Make the file ready aside, then write it over the live one in a single transaction of SQLite's."""
        folder = scratch_folder("staging")
        try:
            staging = folder / self.file_name
            copy_file(path, staging)
            _require_whole(staging, "quick_check")
            with standing_in(settings_for(staging, QUICK)):
                finish()
            _write_over(staging, live_path())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        checkpoint("TRUNCATE")

    def keep_damaged_files(self) -> str:
        return damage.keep_aside(live_path())


# --- the live file -----------------------------------------------------------------------------
def live_path() -> Path:
    return Path(connection.settings_dict["NAME"])


def checkpoint(how: str) -> None:
    """Write what stands in the WAL into the file, as far as others allow within a moment."""
    with closing(sqlite3.connect(live_path(), timeout=CHECKPOINT_PATIENCE, isolation_level=None)) as database:
        database.execute(f"PRAGMA wal_checkpoint({how})")


def copy_database(source: Path, target: Path) -> None:
    """Copy one instant of a database that others write to, in a single step: page by page never ends."""
    open_private(target).close()
    with closing(connect(source, "ro")) as live, closing(sqlite3.connect(target)) as copy:
        try:
            copy.execute("PRAGMA synchronous=OFF")
            live.backup(copy, pages=-1, progress=deadline(PATIENCE))
            # A file of its own again: without this it would ask for a WAL beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if fault_of(error).code == UNREACHABLE:  # type: ignore[union-attr]
                words = f"The database could not be copied: {error}. Nothing was changed."
                raise DomainError(words) from error
            raise


def _write_over(staging: Path, live: Path) -> None:
    """Write the staged content into the live file; its readers see the old one, then the new one."""
    page_size = damage.page_size_of(live)
    with closing(sqlite3.connect(staging, isolation_level=None)) as source:
        # Only then can its page size be changed.
        source.execute("PRAGMA journal_mode=DELETE")
        if source.execute("PRAGMA page_size").fetchone()[0] != page_size:
            source.execute(f"PRAGMA page_size={page_size}")
            source.execute("VACUUM")
        try:
            _copy_into(source, live)
        except sqlite3.DatabaseError as error:
            if (fault := fault_of(error)) is None or fault.code != DAMAGED:
                raise
            damage.give_readable_start(live, staging)
            _copy_into(source, live)


def _copy_into(source: sqlite3.Connection, live: Path) -> None:
    """Replace every page in one transaction; what stands there needs a readable first page, no more."""
    with closing(sqlite3.connect(live, isolation_level=None)) as target:
        with suppress(sqlite3.DatabaseError):  # of a damaged schema; FULL is the default then
            target.execute("PRAGMA synchronous=FULL")
        source.backup(target, pages=-1, progress=deadline(PATIENCE))


def deadline(seconds: float) -> Callable[[int, int, int], None]:
    """Return a progress callback that ends a copy for which the file does not become free in time."""
    end = time.monotonic() + seconds

    def progress(status: int, remaining: int, total: int) -> None:
        if status in BUSY_CODES and time.monotonic() > end:
            raise DomainError("The database was busy all the time. Nothing was changed; try again later.")

    return progress


# --- files that nobody writes to ---------------------------------------------------------------
def connect(path: Path, mode: str, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}{options}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that nobody writes to, without touching it, and trusting nothing that stands in it."""
    try:
        with closing(connect(path, "ro", "&immutable=1")) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            yield database
    except sqlite3.DatabaseError:
        raise DomainError("The database file is damaged or cut. Nothing was changed.") from None


def _require_magic(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start.startswith(b"PGDMP"):
        raise DomainError(
            "This is a dump of PostgreSQL, and this server runs on SQLite. Nothing was changed."
        )
    if start != MAGIC:
        raise DomainError(NOT_SQLITE)


def _require_whole(path: Path, check: str) -> None:
    """Let SQLite look through the file; DomainError when it finds a fault."""
    with reading(path) as database:
        if database.execute(f"PRAGMA {check}").fetchall() != WHOLE:
            raise DomainError("The database file is damaged. Nothing was changed.")


def _require_whole_live(path: Path) -> None:
    """The same of a copy of the live data, whose faults are those of the live data."""
    try:
        _require_whole(path, "integrity_check")
    except DomainError as error:
        raise DomainError(SENTENCES[DAMAGED].format(reason="integrity check"), code=DAMAGED) from error


def settings_for(path: Path, init_command: str) -> dict:
    """Return the settings of a connection to that file, of the live one's kind."""
    options = {**connection.settings_dict["OPTIONS"], "init_command": init_command}
    return {**connection.settings_dict, "NAME": str(path), "OPTIONS": options, "CONN_MAX_AGE": 0}
