"""A data directory for each test, and one backup that a real process made, to be copied and spoilt."""

import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pyrage
import pytest
from django.conf import settings as django_settings
from django.db import DEFAULT_DB_ALIAS, connections

from backups.archive import folders
from backups.archive.folders import Backup
from billtracker.core.data.databases import standing_in
from tests.backups import passphrases
from tests.servers import Server, postgres_database

PAPER = b"%PDF-1.7 a paper of the office"
SCENE = """
from django.core.management import call_command
from tests.factories import make_user
make_user(username="ana")
call_command("demo_data", "load", "--user", "ana", verbosity=0)
"""


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """A data directory of this test's own, media files in it."""
    settings.DATA_DIR = tmp_path / "home"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": files}
    for name in ("db", "backups", "media", "exports"):
        (settings.DATA_DIR / name).mkdir(parents=True, mode=0o700)
    return settings.DATA_DIR


@pytest.fixture(autouse=True)
def cheap_passphrases(request, monkeypatch):
    """Let a passphrase protect nothing, quickly, but for tests that are marked ``real_passphrases``."""
    if request.node.get_closest_marker("real_passphrases") is None:
        monkeypatch.setattr(pyrage.passphrase, "encrypt", passphrases.encrypt)


def manage(server: Server, *arguments: str, **options) -> subprocess.CompletedProcess:
    """Run a command of manage.py with the server's data; its outcome is for the test to judge."""
    environment = {**server.environment, **options.pop("environment", {})}
    program = options.pop("program", ("manage.py",))
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        **options,
    )


def furnish(server: Server) -> None:
    """Give the server demo data and a media file."""
    server.ask(SCENE)
    (server.data / "media" / "papers").mkdir(parents=True, exist_ok=True)
    (server.data / "media" / "papers" / "SOA-2026-0001.pdf").write_bytes(PAPER)


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory, migrated):
    """The folder of one backup, made by ``create_backup`` from demo data; nobody may change it."""
    folder = tmp_path_factory.mktemp("sample")
    if not django_settings.DATABASE_URL:
        shutil.copytree(migrated, folder / "data")
    source = postgres_database(migrated) if django_settings.DATABASE_URL else nullcontext(("", ""))
    with source as (_, url), Server(folder, url) as server:
        (server.data / "backups").mkdir(parents=True, exist_ok=True)
        furnish(server)
        done = manage(server, "create_backup")
        assert done.returncode == 0, done.stderr
    return next(path for path in (server.data / "backups").iterdir() if path.name.endswith("manual"))


@pytest.fixture
def sample(home, sample_folder) -> Backup:
    """A copy of that backup in the list of this test."""
    shutil.copytree(sample_folder, home / "backups" / sample_folder.name)
    return folders.find_backup(sample_folder.name)


def names_in(home: Path) -> list[str]:
    """Every name in the folder of backups but the operations' own."""
    return sorted(
        name for name in os.listdir(home / "backups") if name not in {"operations", ".operations.lock"}
    )


def opened_as_default(path: Path):
    """Let a SQLite file be the default connection."""
    from backups.engines.sqlite import QUICK, settings_for

    return standing_in(settings_for(path, QUICK))


def forked(work, *arguments) -> int:
    """Do the work in a child that ends with 0 when it came through; returns its pid.

    Parent and child begin without an open connection. While Playwright's event loop runs, Django keeps
    connections apart from those before it; in the child no loop runs, and it would find the old ones,
    open, and share them with everybody.
    """
    connections.close_all()
    own = connections[DEFAULT_DB_ALIAS]
    if pid := os.fork():
        return pid
    code = 1
    try:
        connections[DEFAULT_DB_ALIAS] = own
        work(*arguments)
        code = 0
    finally:
        os._exit(code)


from tests.backups.databases import fresh, migrated_file, old_file  # noqa: E402, F401
