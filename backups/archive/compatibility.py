"""Which version's data these are: what this version can take over, and what it does not know."""

from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from backups.archive.manifests import Manifest
from backups.engines import sqlite_schema
from billtracker.core.exceptions import DomainError

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NEWER = (
    "This is of a newer version of BillTracker{version}: this one does not know {migration}. "
    "Update the application first; nothing was changed."
)


def require_known(migrations: dict[str, list[str]], version: str) -> None:
    """Raise DomainError when there is a migration that this version does not know."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    replaced = (name for one in loader.disk_migrations.values() for name in one.replaces)
    known = {*loader.disk_migrations, *replaced}
    for app, names in migrations.items():
        for name in names:
            if (app, name) not in known:
                words = {"version": f" ({version})" if version else "", "migration": f"{app}.{name}"}
                raise DomainError(NEWER.format(**words), code="newer")


def require_fitting(manifest: Manifest, engine_name: str) -> None:
    """Raise DomainError for a backup of another engine or of a newer version."""
    require_engine(manifest.engine, engine_name)
    require_known(manifest.migrations, manifest.app_version)


def require_engine(found: str, own: str) -> None:
    """Raise DomainError when the data are of another engine than this server's."""
    if found != own:
        raise DomainError(
            f"This is a backup of {ENGINES[found]}, and this server runs on {ENGINES[own]}. "
            "Nothing was changed; move_database carries data from one to the other.",
            code="other_engine",
        )


def require_own(engine_name: str, database: Path, migrations: dict[str, list[str]]) -> None:
    """Refuse a stranger's file that is not made as our migrations make one; they have to be known ones.

    Of a dump ``examine`` looks through the list of contents.
    """
    if engine_name == "sqlite":
        sqlite_schema.require_own_schema(database, migrations)


def migrate_up() -> int:
    """Bring the default connection's data to this version's schema; returns how many migrations that took."""
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    if plan:
        executor.migrate(targets, plan)
    return len(plan)
