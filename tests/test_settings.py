"""A wrong variable stops every command with one line that names it, and exit code 2."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def run(tmp_path, command: str, **variables) -> subprocess.CompletedProcess:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "billtracker.settings", "DATABASE_URL": ""}
    environment |= {"BILLTRACKER_DATA_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
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
])  # fmt: skip
def test_a_wrong_variable_is_named_in_one_line(tmp_path, name, value, command):
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
