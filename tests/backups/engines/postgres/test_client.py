"""Which pg_dump is taken: the newest that runs, or the one that a setting names."""

import pytest
from django.conf import settings

from backups.engines.postgres import client as clients


def install(folder, version: str, programs=("pg_dump", "pg_restore")) -> None:
    folder.mkdir(parents=True)
    for name in programs:
        (folder / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {version} (Debian {version}-1)"\n')
        (folder / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any client, and nothing set."""
    monkeypatch.setattr(clients, "DEBIAN", str(tmp_path / "debian"))
    monkeypatch.setattr(settings, "POSTGRES_BIN_DIR", "")
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/bin")
    monkeypatch.setattr(clients.shutil, "which", lambda name: str(found) if found.exists() else None)
    found = tmp_path / "path" / "pg_dump"
    return tmp_path


def test_a_machine_without_a_client_has_none(machine):
    assert clients.installed_client() is None


def test_the_newest_is_taken_and_numbers_are_no_texts(machine):
    for version in ("9.6.24", "16.4", "15.14"):
        install(machine / "debian" / version / "bin", version)
    install(machine / "path", "14.1")
    assert clients.installed_client().version == "16.4"
    assert clients.installed_client().major == 16
    install(machine / "debian" / "18" / "bin", "18.0", programs=("pg_dump",))
    assert clients.installed_client().version == "16.4", "pg_restore is missing there"


def test_the_one_on_path_is_taken_when_it_is_newer(machine):
    install(machine / "debian" / "15" / "bin", "15.14")
    install(machine / "path", "17.2")
    assert clients.installed_client().version == "17.2"


def test_the_setting_names_the_one(machine, monkeypatch):
    install(machine / "debian" / "18" / "bin", "18.1")
    install(machine / "own", "16.2")
    monkeypatch.setattr(settings, "POSTGRES_BIN_DIR", str(machine / "own"))
    assert clients.installed_client().version == "16.2"
    monkeypatch.setattr(settings, "POSTGRES_BIN_DIR", str(machine / "none"))
    assert clients.installed_client() is None
