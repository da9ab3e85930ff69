"""A wrong variable stops every command with one line that names it, and exit code 2."""

import os
import resource
import subprocess
import sys

import pytest
from django.conf import settings


def run(
    tmp_path, command: str, preexec_fn=None, program=("manage.py",), **variables
) -> subprocess.CompletedProcess:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "billtracker.settings", "DATABASE_URL": ""}
    environment |= {"BILLTRACKER_DATA_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, *program, command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=preexec_fn,
    )


@pytest.mark.parametrize(("name", "value", "command"), [
    ("PORT", "abc", "serve"),
    ("TIME_ZONE", "Mars", "migrate"),
    ("DATABASE_URL", "mysql://user@host/name", "serve"),
    ("DATABASE_URL", "postgres://user@127.0.0.1:1/name", "serve"),
    ("DATABASE_URL", "postgres://user@127.0.0.1:1/name", "migrate"),
    ("ENCRYPTION_KEYS", "short", "check"),
    ("QUEUE_URL", "http://host", "check"),
    ("SECRET_KEY_FILE", "/nowhere", "check"),
    ("IMPORTS_PER_15_MINUTES", "many", "serve"),
    ("PUBLIC_URL", "http://[::1", "check"),
    ("PUBLIC_URL", "https://bills.example.org/path", "check"),
    ("PUBLIC_URL", "https://user@bills.example.org", "check"),
    ("PUBLIC_URL", "https://bills.example.org:none", "check"),
    ("ALLOWED_HOSTS", "http://bills.example.org", "check"),
    ("ALLOWED_HOSTS", "localhost,bills.example.org:3030", "check"),
    ("SECRET_KEY", "short", "check"),
    ("QUEUE_URL", "redis://127.0.0.1:1/0", "serve"),
    ("BILLTRACKER_DATA_DIR", "/dev/null/data", "check"),
])  # fmt: skip
def test_a_wrong_variable_is_named_in_one_line(tmp_path, name, value, command):
    """S11"""
    done = run(tmp_path, command, **{name: value})
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(name)
    assert len(done.stderr.splitlines()) == 1


def test_the_queue_may_be_in_redis(tmp_path):
    done = run(tmp_path, "check", QUEUE_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("debug", ["true", "false"])
def test_every_command_starts_with_debug_on_and_off(tmp_path, debug):
    done = run(tmp_path, "check", DEBUG=debug)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["secret.key", "encryption.key"])
def test_an_empty_key_file_is_named_and_left_alone(tmp_path, name):
    """S11"""
    (tmp_path / name).touch()
    done = run(tmp_path, "check")
    assert done.returncode == 2
    assert f"{name} is empty" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / name).read_text() == ""


def test_a_full_disk_at_the_first_start_is_one_sentence_and_leaves_no_draft(tmp_path):
    """S11"""

    def nothing_fits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = run(tmp_path, "check", preexec_fn=nothing_fits, PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 2
    assert done.stderr.startswith("SECRET_KEY: secret.key cannot be made")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


NO_RIGHTS = """
import os, sys
os.access = lambda path, mode, **options: False
sys.argv = ["manage.py", "check"]
import manage
manage.main()
"""


def test_a_data_directory_of_another_user_is_one_sentence(tmp_path):
    """S11"""
    done = run(tmp_path, NO_RIGHTS, program=["-c"])
    assert done.returncode == 2
    assert done.stderr.startswith("BILLTRACKER_DATA_DIR: ")
    assert len(done.stderr.splitlines()) == 1


PREPARE = """
import django
django.setup()
from billtracker.core.process.launcher import prepare_database
prepare_database()
"""


def test_what_is_written_is_its_owners_alone_under_any_umask(tmp_path):
    """S13"""
    data = tmp_path / "data"
    (data / "db").mkdir(parents=True)
    (data / "db").chmod(0o755)
    (data / "db" / "bills.db").touch(mode=0o644)
    for folder in (data, tmp_path / "fresh"):
        done = run(folder, PREPARE, program=["-c"], preexec_fn=lambda: os.umask(0))
        assert done.returncode == 0, done.stderr
        wide = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
        assert wide == []
    assert (tmp_path / "fresh").stat().st_mode & 0o077 == 0


def test_every_secret_may_be_a_file_in_the_container():
    """S14"""
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    handed_on = {line.strip(" -") for line in compose.splitlines() if line.startswith("      - ")}
    secrets = {name for name in handed_on if name.endswith(("_KEY", "_KEYS", "_PASSWORD", "_PASSPHRASE"))}
    secrets |= {"DATABASE_URL", "QUEUE_URL"}
    assert len(secrets) > 5
    assert {f"{name}_FILE" for name in secrets} <= handed_on
