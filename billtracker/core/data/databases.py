"""Another database in the place of this process' own: to look into a copy, or to make one ready."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler, load_backend

from billtracker.core.data import readiness


@contextmanager
def standing_in(database: dict) -> Iterator[BaseDatabaseWrapper]:
    """Let everything that asks for the database get this one: models, ``migrate``, services.

    ``database`` is an entry of ``DATABASES``. It holds for this thread alone, and the connection is
    closed at the end; the own one stays as it was, with the locks that it holds.
    """
    own = connections[DEFAULT_DB_ALIAS]
    settings = ConnectionHandler().configure_settings({DEFAULT_DB_ALIAS: database})[DEFAULT_DB_ALIAS]
    other = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = other
    forget_known_rows()
    try:
        yield other
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        forget_known_rows()
        other.close()


def forget_known_rows() -> None:
    """Drop what this process remembers of the database: it may be another one now."""
    ContentType.objects.clear_cache()
    readiness.forget()
