"""Backups of a file of about 160 MB: against looking through it, under a writer, and a restore's drill."""

import atexit
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from backups import private_files
from backups.archive import folders
from backups.engines.sqlite import QUICK, checkpoint, copy_file, settings_for
from backups.private_files import sync
from backups.services.create import create_backup
from backups.services.verify import verify_backup
from benchmarks.runner import Pair
from billtracker.core.data.databases import standing_in

ROWS = 450_000
LIVE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
FILL = """
    INSERT INTO core_auditentry (scope, position, at, actor_id, actor_name, action, target_type, target_id,
        target_name, changes, reason, source, request_id, hash)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    SELECT 'household:1', i, datetime('2026-01-01', '+' || i || ' minutes'), i % 40, 'user' || i % 40,
        'statement.issued', 'billing.statement', i, 'SOA-2026-' || i, '{"total": ["0.00", "' || i || '.00"]}',
        '', 'request', hex(randomblob(16)), lower(hex(randomblob(32))) FROM n
"""
WRITER = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
database.execute("PRAGMA synchronous=NORMAL")
REPLACE = "REPLACE INTO core_setting (name, value, secret, changed_at) VALUES ('pulse', ?, '', '2026-11-21')"
number = 0
print("writing", flush=True)
while True:
    number += 1
    database.execute(REPLACE, [number])
    time.sleep(0.002)
"""


@cache
def large_file() -> Path:
    """Make a migrated database of about 200 MB, gone at the end of the process."""
    folder = Path(tempfile.mkdtemp(prefix="billtracker-large-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "large.sqlite3"
    with standing_in(settings_for(path, QUICK)):
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(FILL.replace("?", str(ROWS)))
    return path


@contextmanager
def live():
    """Let the large file be the live data, with nothing left in its WAL."""
    with standing_in(settings_for(large_file(), LIVE)):
        connection.ensure_connection()
        checkpoint("TRUNCATE")
        yield


def looked_through(path: Path, check: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(f"PRAGMA {check}").fetchall() == [("ok",)]


def made_and_removed() -> None:
    with live():
        folders.remove_backup(create_backup(actor=None))


def made_under_a_writer() -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(large_file())], stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline()
        made_and_removed()
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()


def backup() -> list[Pair]:
    """A whole backup against SQLite's own integrity check, and one under a writer against a quiet one."""
    if connection.vendor != "sqlite":
        return []
    return [
        Pair("backup", lambda: looked_through(large_file(), "integrity_check"), made_and_removed, rounds=5),
        Pair("backup-under-writer", made_and_removed, made_under_a_writer, rounds=5),
    ]


def restore_drill() -> list[Pair]:
    """A verification with everything it proves against copying the file, fsync and SQLite's quick check."""
    if connection.vendor != "sqlite":
        return []
    with live():
        made = create_backup(actor=None)
    atexit.register(shutil.rmtree, made.path, ignore_errors=True)
    database = made.path / made.manifest.database

    def floor() -> None:
        copy = private_files.scratch_folder("floor") / "copy.sqlite3"
        copy_file(database, copy)
        sync(copy)
        looked_through(copy, "quick_check")
        private_files.remove_entry(copy.parent)

    def own() -> None:
        assert verify_backup(actor=None, backup=made).is_ok

    return [Pair("restore-drill", floor, own, rounds=7)]
