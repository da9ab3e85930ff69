"""The database that rows move into: it must be free, takes them all in one transaction, and counts on."""

import re

import psycopg
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from backups.engines.own_tables import table_names
from backups.transfer.rows import NOTHING_MOVED, Digest, TransferTable, read, row_error
from billtracker.core.data import bulk_writes
from billtracker.core.data.triggers import drop_every_rule
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry

LINE = re.compile(r"COPY [^,]+, line (\d+)(?:, column (\w+))?")


# All of these ask the default connection: the target stands in for the own database.
def require_free() -> None:
    """Raise DomainError unless the target is empty or was migrated and never used."""
    there = set(connection.introspection.table_names())
    if there - table_names():
        raise DomainError(f"The target holds tables that are not BillTracker's. {NOTHING_MOVED}")
    used = (model for model in (get_user_model(), AuditEntry) if model._meta.db_table in there)
    if any(model._default_manager.exists() for model in used):
        raise DomainError(f"The target is not empty: somebody worked with it already. {NOTHING_MOVED}")


def take_over(tables: list[TransferTable], source: BaseDatabaseWrapper, tell) -> dict[str, tuple[int, str]]:
    """Replace what the target holds by the source's rows; returns the digest of what was read, by table.

    Call it in a transaction of the target. ``tell`` gets each table's name and how many rows were written.
    Raises DomainError.
    """
    drop_every_rule(connection)
    _empty(tables)
    digests = {}
    for table in tables:
        digest = Digest(table)
        for rows in read(table, source):
            write(table, rows)
            digest.add(rows)
            tell(table.name, len(rows))
        digests[table.name] = digest.value()
    _count_on(tables, source)
    _hold_references()
    return digests


def _empty(tables: list[TransferTable]) -> None:
    """Remove what migrations put there: the source has its own."""
    names = [connection.ops.quote_name(table.name) for table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)}")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608 (our names)


def write(table: TransferTable, rows: list[tuple]) -> None:
    """Write one chunk; DomainError names the row that the target refuses."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.name) for column in table.columns)
    pairs = zip(table.columns, zip(*rows, strict=True), strict=True)
    stored = list(zip(*(column.adapt(values, connection) for column, values in pairs), strict=True))
    try:
        if connection.vendor == "postgresql":
            bulk_writes.copy_in(quote(table.name), names, stored)
        else:
            bulk_writes.insert(quote(table.name), names, stored, "")
    except DatabaseError as error:
        raise _refusal_of(table, rows, error) from error


def _refusal_of(table: TransferTable, rows: list[tuple], error: DatabaseError) -> DomainError:
    """Say which row the target did not take, as far as it says so itself."""
    cause = error.__cause__
    if isinstance(cause, psycopg.Error) and (match := LINE.search(cause.diag.context or "")):
        rule = f" ({cause.diag.constraint_name})" if cause.diag.constraint_name else ""
        place = min(int(match[1]), len(rows)) - 1
        return row_error(table, rows[place], match[2] or "", f"the target does not take it{rule}")
    return DomainError(f"The target refused rows of {table.name}. {NOTHING_MOVED}", code="misfit")


def _hold_references() -> None:
    """Check every foreign key now. Raises DomainError."""
    try:
        connection.check_constraints()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # They stay so: triggers can be made only where no check is pending.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise DomainError(
            f"Rows of {_table_of(error)} point to rows that are not there. {NOTHING_MOVED}", code="misfit"
        ) from error


def _table_of(error: DatabaseError) -> str:
    """Return the table that a broken reference starts from, as far as the error says so."""
    if isinstance(error.__cause__, psycopg.Error):
        return error.__cause__.diag.table_name or "a table"
    match = re.search(r"row in table '(\w+)' with primary key '(\w+)'", str(error))
    return f"{match[1]} ({match[2]})" if match else "a table"


# --- counters ----------------------------------------------------------------------------------
def _count_on(tables: list[TransferTable], source: BaseDatabaseWrapper) -> None:
    """Let new rows get the numbers that they would have got in the source: none is given twice."""
    with connection.cursor() as target, source.cursor() as origin:
        for table in tables:
            if not table.key.kind.endswith("AutoField"):
                continue
            last = max(_last_given(origin, source.vendor, table), _highest(target, table))
            if last and connection.vendor == "postgresql":
                target.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table.name, table.key.name, last]
                )
            elif last:
                target.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
                target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last])


def _last_given(cursor, vendor: str, table: TransferTable) -> int:
    """Return the last primary key that the database gave, 0 when it gave none."""
    if vendor != "postgresql":
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
        return int((cursor.fetchone() or [0])[0])
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table.name, table.key.name])
    (sequence,) = cursor.fetchone()
    cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 (the server's name)
    value, is_called = cursor.fetchone()
    return value if is_called else 0


def _highest(cursor, table: TransferTable) -> int:
    quote = connection.ops.quote_name
    cursor.execute(f"SELECT MAX({quote(table.key.name)}) FROM {quote(table.name)}")  # noqa: S608 (our names)
    return cursor.fetchone()[0] or 0
