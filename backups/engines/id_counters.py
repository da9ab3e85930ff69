"""The keys that tables have given to their rows: after a restore none is given a second time.

A form in an open tab, a bookmark or a log names a row by its key. Once the data are older again, the
next row must not get the key of one that is gone.
"""

from collections.abc import Mapping

from django.db import connection


def keys_given() -> dict[str, int]:
    """Return the last key that each table (SQLite) or sequence (Postgres) of the default connection gave."""
    questions = {
        "sqlite": "SELECT name, seq FROM sqlite_sequence",
        "postgresql": "SELECT sequencename, last_value FROM pg_sequences"
        " WHERE schemaname = 'public' AND last_value IS NOT NULL",
    }
    with connection.cursor() as cursor:
        cursor.execute(questions[connection.vendor])
        return {name: int(last) for name, last in cursor.fetchall()}


def go_on_behind(given: Mapping[str, int]) -> None:
    """Let the default connection's tables go on behind these keys, where they would give lower ones."""
    known = keys_given()
    for name, last in given.items():
        if last > known.get(name, 0):
            _raise_to(name, last)


def _raise_to(name: str, last: int) -> None:
    """Let the next key be higher than ``last``; a table that is not there has none to give."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, name])
            if not cursor.rowcount:
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT name, %s FROM sqlite_master"
                    " WHERE type = 'table' AND name = %s",
                    [last, name],
                )
        else:
            cursor.execute(
                "SELECT setval(format('public.%%I', sequencename)::regclass, %s) FROM pg_sequences"
                " WHERE schemaname = 'public' AND sequencename = %s",
                [last, name],
            )
