"""Postgres: a dump of one snapshot while writers go on, and the way back in one transaction."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from backups.engines import Report
from backups.engines.figures import Figures, take_figures
from backups.engines.own_tables import cache_tables
from backups.engines.postgres import loading
from backups.engines.postgres.client import (
    client_fault,
    installed_client,
    require_client,
    running,
    server_version,
)
from backups.engines.postgres.listing import entries
from backups.engines.postgres.names import tables_there
from backups.engines.postgres.scratch import scratch_database
from backups.engines.postgres.script import Rows, parts
from backups.private_files import open_private, sync
from billtracker.core.data.databases import standing_in
from billtracker.core.exceptions import DomainError

__all__ = ["Postgres", "client_fault"]

DUMP_FAILED = "pg_dump did not come through; the log says why. Live data and other backups are unharmed."


class Postgres:
    """The engine of a default connection to PostgreSQL."""

    name = "postgresql"
    file_name = "database.dump"
    digest = ""

    def live_size(self) -> int:
        """Return how many bytes the live database takes."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]

    def version(self) -> str:
        """Return the server's version."""
        return server_version()

    def client_version(self) -> str:
        """Return the version of pg_dump; nothing where there is none."""
        there = installed_client()
        return there.version if there else ""

    def dump(self, target: Path, report: Report) -> Figures:
        """Write one snapshot to ``target`` and return its figures. Raises DomainError."""
        require_client()
        size = max(self.live_size(), 1)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            # Must come before anything else of the transaction.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                cursor.execute(f"SET LOCAL {name} = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            open_private(target).close()

            def look() -> None:
                report("Copying the database", min(target.stat().st_size / size, 0.99))

            look()
            arguments = [*_dump_arguments(snapshot), f"--file={target}"]
            parameters = connection.get_connection_params()
            with running("pg_dump", arguments, parameters=parameters, stdout=subprocess.DEVNULL) as program:
                figures = take_figures()
                program.wait(lambda: target.stat().st_size, DUMP_FAILED, look)
        report("Checking the copy", None)
        _require_whole(target)
        return figures

    def examine(self, path: Path) -> None:
        """Read the whole dump as a restore would, running nothing. Raises DomainError."""
        for part in parts(path):
            if isinstance(part, Rows):
                for _ in part.blocks:
                    pass

    @contextmanager
    def scratch(self, path: Path) -> Iterator[None]:
        """Restore the dump into a database of its own that stands in for the live one. Raises DomainError."""
        with scratch_database() as own, standing_in(own):
            with transaction.atomic():
                loading.load(path)
            yield

    def replace_live(self, path: Path, finish: Callable[[], None]) -> None:
        """Put the dump in place of the live data, all or nothing; the caller holds ``exclusive()``."""
        loading.replace(path, finish)

    def keep_damaged_files(self) -> str:
        raise DomainError(
            "The live data are damaged, and their files belong to the database server. Nothing was changed: "
            "make an empty database, name it in DATABASE_URL, and restore into that."
        )


def _dump_arguments(snapshot: str) -> list[str]:
    """Return pg_dump's arguments: everything of ours in schema public, as of the snapshot."""
    _, others = tables_there()
    return [
        "--format=custom", "--compress=0", "--encoding=UTF8", "--no-owner", "--no-privileges",
        "--no-comments",
        "--schema=public", f"--snapshot={snapshot}", "--lock-wait-timeout=60s", "--no-password",
        *(f"--exclude-table={_quote_pattern(name)}" for name in others),
        *(f"--exclude-table-data={_quote_pattern(name)}" for name in cache_tables()),
    ]  # fmt: skip


def _quote_pattern(name: str) -> str:
    """Return a pattern of pg_dump that means this very table."""
    escaped = name.replace('"', '""')
    return f'public."{escaped}"'


def _require_whole(path: Path) -> None:
    """Bring the dump to the disk, and read it to its end: one that a full disk cut is noticed now.

    Raises DomainError.
    """
    with running("pg_restore", ["-f", os.devnull, path], stdout=subprocess.DEVNULL) as program:
        sync(path)
        entries(path)
        program.wait(lambda: None, DUMP_FAILED)
