"""Databases beside the tests' own: a migrated SQLite file, and a migrated or empty Postgres database."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import dj_database_url
import pytest
from django.conf import settings
from django.core.management import call_command

from billtracker.core.data.databases import standing_in
from tests.servers import postgres_database


def sqlite_at(path: Path) -> dict:
    """The entry of DATABASES for a SQLite file."""
    return {
        "ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": settings.SQLITE_OPTIONS,
    }  # fmt: skip


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """A SQLite file that was migrated and never used."""
    path = tmp_path_factory.mktemp("moves") / "migrated.db"
    with django_db_blocker.unblock(), standing_in(sqlite_at(path)):
        call_command("migrate", verbosity=0, interactive=False)
    return path


@pytest.fixture
def old_file(migrated_file, tmp_path):
    """A migrated SQLite database that is the default connection during the test."""
    path = tmp_path / "source.db"
    shutil.copy(migrated_file, path)
    with standing_in(sqlite_at(path)):
        yield path


@contextmanager
def looking_at(url: str):
    """Let the database at the address be the default connection for a block."""
    if url.startswith("sqlite:///"):
        database = sqlite_at(Path(url.removeprefix("sqlite:///")))
    else:
        database = {**dj_database_url.parse(url)}
    with standing_in(database):
        yield


@pytest.fixture
def fresh(migrated):
    """The address of a Postgres database that was migrated and never used."""
    with postgres_database(migrated) as (_, url):
        yield url
