"""The database after a test that commits: as migrations left it, rows of their own included.

Django's way, a flush, empties every table, so that what migrations had written is gone, and has the signals
of `migrate` fill some of them again: 30 ms on SQLite, 300 ms on Postgres. Here the rows are kept aside once
and put back: as a copy of the file on SQLite, table by table on Postgres. That takes 2 ms on both; a Postgres
database made from a template takes 600.
"""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases

from billtracker.core.data.databases import forget_known_rows
from tests.servers import postgres_database

PATIENCE = 30  # seconds for a thread of the server under test to end its transaction


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """Migrate a database, also for tests that have processes alone; what is committed is taken back.

    Gives the copy that it is taken back by.
    """
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, aliases={DEFAULT_DB_ALIAS})
        rows = SqliteRows() if connection.vendor == "sqlite" else PostgresRows()

    def put_back(_test_case) -> None:
        rows.put_back()
        forget_known_rows()

    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = put_back
    with rows:
        yield rows
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


class SqliteRows:
    """A copy of the file in memory."""

    def __init__(self):
        self.path = connection.settings_dict["NAME"]
        self.copy = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self.path)) as live:
            live.backup(self.copy)

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.copy.close()

    def put_back(self) -> None:
        begin = time.monotonic()

        def give_up(*_pages) -> None:
            # Of a busy database the copying would be tried again for ever.
            if time.monotonic() - begin > PATIENCE:
                raise TimeoutError("Somebody still writes to the database of the tests.")

        with closing(sqlite3.connect(self.path, timeout=1)) as live:
            self.copy.backup(live, pages=-1, progress=give_up)

    def write_to(self, path: Path) -> None:
        """Make a file that was migrated and never used."""
        with closing(sqlite3.connect(path)) as file:
            self.copy.backup(file)
            file.execute("PRAGMA journal_mode=WAL")


class PostgresRows:
    """The rows of each table that has some, as JSON, and a second database as it was then."""

    def __init__(self):
        with connection.cursor() as cursor:
            names = connection.introspection.table_names(cursor)
            self.tables = [connection.ops.quote_name(name) for name in names]
            self.rows = {}
            for table in self.tables:
                cursor.execute(f"SELECT json_agg(one) FROM {table} one")
                if rows := cursor.fetchone()[0]:
                    self.rows[table] = rows if isinstance(rows, str) else json.dumps(rows)

    def __enter__(self):
        # What serves as a template may have no connections, and later the tests have one.
        connection.close()
        self.second = postgres_database(connection.settings_dict["NAME"])
        self.migrated_database, _ = self.second.__enter__()
        return self

    def __exit__(self, *error) -> None:
        self.second.__exit__(*error)

    def put_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Neither triggers, which guard issued documents and the audit log, nor foreign keys count here.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("; ".join(f"DELETE FROM {table}" for table in self.tables))
            for table, rows in self.rows.items():
                insert = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)"
                cursor.execute(insert, [rows])
