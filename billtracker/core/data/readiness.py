"""Is the database there, and does it have the shape this version needs?"""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

# The migrations table as it was when nothing was pending. Reading every migration file takes a
# third of a second, counting rows takes none; a restore or an update changes the count or the row.
_complete: tuple | None = None


def has_pending_migrations() -> bool:
    """Compare every migration of this version with the database. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_ready() -> bool:
    """Say whether the database answers and every migration is applied; costs one query once it is."""
    global _complete
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(id), max(applied) FROM django_migrations")
            seen = cursor.fetchone()
        if seen != _complete:
            _complete = None if has_pending_migrations() else seen
    except DatabaseError:
        return False
    return seen == _complete


def forget() -> None:
    """Look again at the next question: the database may be another one."""
    global _complete
    _complete = None
