"""A damaged database is told by every command in a sentence, is red on Status, and can be restored over."""

import sqlite3
from contextlib import closing

import pytest

from tests.backups.conftest import furnish, manage

pytestmark = pytest.mark.engines("sqlite")
PAGE = 4096


def checkpointed(server):
    path = server.data / "db" / "bills.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bills_bill'").fetchone()[0]
    return path, root


def overwrite(path, page: int, length: int = PAGE):
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xff" * length)


def damage_root(server):
    path, root = checkpointed(server)
    overwrite(path, root)


def damage_inner(server):
    """The root page says that a page belongs to it which is no page of a table."""
    path, _ = checkpointed(server)
    with closing(sqlite3.connect(path)) as database:
        name = "core_auditentry"
        root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
    content = path.read_bytes()
    start = (root - 1) * PAGE
    assert content[start] == 5, "the table is too small to have inner pages"
    cell = start + int.from_bytes(content[start + 12 : start + 14], "big")
    overwrite(path, int.from_bytes(content[cell : cell + 4], "big"))


def damage_header(server):
    path, _ = checkpointed(server)
    overwrite(path, 1, 200)


MANY_ENTRIES = """
from billtracker.core import audit
from billtracker.accounts.models import User
user = User.objects.get(username="ana")
from django.db import transaction
with transaction.atomic():
    for number in range(60):
        audit.record(user, "test.entry", user, {"number": [None, "x" * 200]}, scope=audit.OFFICE)
"""


@pytest.mark.parametrize("damage", [damage_root, damage_inner, damage_header])
def test_a_damaged_database_is_red_told_in_sentences_and_restored_over(server, damage):
    """S1"""
    (server.data / "backups").mkdir(exist_ok=True)
    furnish(server)
    server.ask(MANY_ENTRIES)
    assert manage(server, "create_backup").returncode == 0
    backup = next(path.name for path in (server.data / "backups").iterdir() if path.name.endswith("manual"))
    server.end_answering()
    damage(server)
    daily = manage(server, "run_daily")
    assert daily.returncode != 0
    status = manage(server, "check_status")
    assert status.returncode == 1, status.stdout
    assert "damaged" in status.stdout or "faults found" in status.stdout
    made = manage(server, "create_backup")
    assert made.returncode != 0
    assert "The database is damaged" in made.stderr
    assert manage(server, "list_backups").returncode == 0
    assert manage(server, "verify_backup", backup).returncode == 0
    for done in (daily, status, made):
        assert "Traceback" not in done.stderr + done.stdout, done.stderr + done.stdout

    restored = manage(server, "restore_backup", backup, "--yes")
    assert restored.returncode == 0, restored.stderr
    kept = next((server.data / "db").glob("damaged-*"))
    assert kept.name in restored.stdout
    assert b"\xff" * 200 in (kept / "bills.db").read_bytes()
    assert server.ask("from bills.models import Bill; print(Bill.objects.count() > 3)") == "True"
    manage(server, "run_daily")
    assert "Whole at the last check" in manage(server, "check_status").stdout


def test_serve_does_not_start_on_a_file_that_is_no_database(server):
    """S1"""
    damage_header(server)
    done = manage(server, "serve")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "The database is damaged" in done.stderr
