"""SQL that migrations carry as it was: files beside them, one for each engine.

A migration must always do what it did on the day it was written; the living lists of rules move on.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def frozen_sql(migration: str, name: str) -> Callable:
    """Return a function for ``RunPython`` that runs ``sql/NAME.ENGINE.sql`` beside the migration's file."""

    def run(_apps, editor: BaseDatabaseSchemaEditor) -> None:
        path = Path(migration).parent / "sql" / f"{name}.{editor.connection.vendor}.sql"
        text = path.read_text(encoding="utf-8")
        with editor.connection.cursor() as cursor:
            for statement in _statements(text) if editor.connection.vendor == "sqlite" else [text]:
                cursor.execute(statement)

    return run


def _statements(text: str) -> Iterator[str]:
    """Split a script, each statement of which starts on a line of its own.

    SQLite runs one statement at a time; its ``executescript`` would commit the migration half-way.
    """
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
