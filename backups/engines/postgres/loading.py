"""Putting a dump's tables and rows into the default connection's database, in the caller's transaction."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.db import DatabaseError, connection, transaction

from backups.engines.postgres.listing import UNHARMED
from backups.engines.postgres.names import tables_there
from backups.engines.postgres.script import Rows, SqlStatement, parts
from billtracker.core.data.triggers import drop_every_rule, renew_every_rule
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)
# Below Postgres' own deadlock_timeout: whoever waits for us while we wait for him gets no error.
LOCK_WAIT = "500ms"
PATIENCE = 60.0  # seconds until all of our tables must be ours alone
NO_TABLES = (
    "The database's role may not make tables in schema public. Nothing was changed; ask the server's "
    "administrator for: GRANT CREATE ON SCHEMA public."
)
DOES_NOT_FIT = f"The database refused what is in the dump. {UNHARMED}"


def load(path: Path) -> None:
    """Make the dump's tables, rows and counters in an empty schema; call it in a transaction."""
    for part in parts(path):
        try:
            with connection.wrap_database_errors:
                run(part)
        except DatabaseError as error:
            raise _refusal(error) from error


def _refusal(error: DatabaseError) -> DomainError:
    """Say for people that the database took something not; the log gets no content of rows."""
    cause = error.__cause__
    if isinstance(cause, psycopg.Error):
        logger.error("The database refused a part of the dump: %s %s", cause.sqlstate, cause.diag.table_name)
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return DomainError(NO_TABLES, code="no_right")
    return DomainError(DOES_NOT_FIT, code="damaged")


def run(part: SqlStatement | Rows) -> None:
    """Run one part; a text that is more than one statement is refused by the server."""
    with psycopg.Cursor(connection.connection) as cursor:
        if isinstance(part, SqlStatement):
            # Asking for binary answers is what sends it as one statement, without leaving a prepared one.
            cursor.execute(part.sql.encode(), binary=True)
            return
        with cursor.copy(part.sql.encode()) as stream:
            for block in part.blocks:
                stream.write(block)


def replace(path: Path, finish: Callable[[], None]) -> None:
    """Put the dump in place of everything of ours, run ``finish`` on it, and commit: all or nothing.

    Others who touch our tables meanwhile wait. Raises DomainError with everything as before.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET LOCAL {name} = 0")
        _take_tables()
        drop_every_rule(connection)
        _drop_tables()
        load(path)
        # Foreign keys answer at once from here on: later changes of a table find nothing pending.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finish()
        renew_every_rule(connection)


def _take_tables() -> None:
    """Lock our tables for this transaction alone; DomainError when others do not let go of them."""
    quote = connection.ops.quote_name
    tables, _ = tables_there()
    deadline = time.monotonic() + PATIENCE
    while tables:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                cursor.execute(f"LOCK TABLE {', '.join(map(quote, tables))} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout = 0")
            return
        except DatabaseError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
            if time.monotonic() > deadline:
                raise DomainError(
                    "Other programs use the database and did not let go of it within a minute. "
                    "Nothing was changed; end them and try again."
                ) from error
            time.sleep(0.05)


def _drop_tables() -> None:
    """Drop our tables; DomainError when something that is not ours depends on them."""
    tables, _ = tables_there()
    names = ", ".join(map(connection.ops.quote_name, tables))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if tables:
                cursor.execute(f"DROP TABLE {names}")
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.DependentObjectsStillExist):
            raise DomainError(
                "Something in the database that is not BillTracker's depends on its tables, such as a view. "
                "Nothing was changed; drop it first.",
            ) from error
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise DomainError(
                "The database's role does not own BillTracker's tables. Nothing was changed."
            ) from error
        raise
