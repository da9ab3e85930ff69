"""Is a SQLite file of a stranger made as our migrations make one? Nothing else in it may ever run."""

import sqlite3
from functools import cache
from pathlib import Path

from django.db.migrations.executor import MigrationExecutor

from backups.engines.figures import LEFT_OUT
from backups.engines.sqlite import QUICK, reading, settings_for
from backups.private_files import remove_entry, scratch_folder
from billtracker.core.data.databases import standing_in
from billtracker.core.exceptions import DomainError

OWN_OF_SQLITE = ("sqlite_sequence", "sqlite_stat")
STRANGE = "This database has {what}, which no version of BillTracker makes. Nothing was changed."


def require_own_schema(path: Path, migrations: dict[str, list[str]]) -> None:
    """Raise DomainError unless tables, columns, indexes and triggers are those that these migrations make.

    Migrates an empty database to the same state, and compares. The caller made sure that all are known.
    """
    applied = frozenset((app, name) for app, names in migrations.items() for name in names)
    found, expected = _describe_schema(path), made_by(applied)
    for kind, word in (("trigger", "a trigger"), ("table", "a table"), ("index", "an index")):
        for name in sorted(found[kind].keys() | expected[kind].keys()):
            if found[kind].get(name) != expected[kind].get(name):
                raise DomainError(STRANGE.format(what=f"{word} {name!r} of a kind"))


@cache
def made_by(applied: frozenset[tuple[str, str]]) -> dict[str, dict]:
    """Describe what an empty database looks like after these migrations; always the same, and slow."""
    folder = scratch_folder("schema")
    try:
        path = folder / "empty.sqlite3"
        with standing_in(settings_for(path, QUICK)) as database:
            executor = MigrationExecutor(database)
            every = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
            plan = [step for step in every if (step[0].app_label, step[0].name) in applied]
            executor.migrate(None, plan)
        return _describe_schema(path)
    finally:
        remove_entry(folder)


def _describe_schema(path: Path) -> dict[str, dict]:
    """Return {kind: {name: what must be the same}} of a file that nobody writes to."""
    with reading(path) as database:
        rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        kinds: dict[str, dict] = {"table": {}, "index": {}, "trigger": {}, "view": {}}
        for kind, name, table, sql in rows:
            if not name.startswith(OWN_OF_SQLITE) and table not in LEFT_OUT - {"django_session"}:
                kinds[kind][name] = _essence(database, kind, name, table, sql or "")
    return kinds


def _essence(database: sqlite3.Connection, kind: str, name: str, table: str, sql: str):
    """Return a table's columns, a trigger's whole text, and of an index what it is on."""
    if kind == "table":
        quoted = name.replace('"', '""')
        # Position, default and declared length may differ between versions of Django; a hidden or
        # computed column may not be there.
        columns = database.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
        return frozenset((column[1], column[5] > 0, column[6]) for column in columns)
    return " ".join(sql.split()) if kind == "trigger" else table
