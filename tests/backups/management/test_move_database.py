"""``manage.py move_database`` with real processes: the demo data both ways, and a server that waits."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings

from tests.servers import Server, postgres_database, wait_until

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.django_db(transaction=True)]

DEMO = """
from billtracker.demo import office
from billtracker import demo
visitor = demo.make_visitor(username="visitor", password="a long enough pass phrase")
office.load_office(actor=visitor)
"""
MANY = """
from django.db import connection
from tests.backups.transfer.test_rows import PAYMENTS
from tests.factories import make_household, make_user
with connection.cursor() as cursor:
    cursor.execute(PAYMENTS, [make_household(make_user()).pk])
"""
# The trace of a move itself.
OWN_TRACE = ["core.auditentry", "core.auditchain"]


def run(server: Server, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=server.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def sqlite_server(tmp_path, migrated_file):
    """An installation on SQLite, migrated."""
    with Server(tmp_path) as server:
        (server.data / "db").mkdir(parents=True)
        shutil.copy(migrated_file, server.data / "db" / "bills.db")
        yield server


@pytest.fixture
def on_postgres(sqlite_server):
    """The same installation, pointed at an empty Postgres database."""
    with postgres_database() as (_, url), Server(sqlite_server.data.parent, url) as server:
        yield server


def everything(server: Server) -> list:
    """Every row of every table as Django writes it, but for the trace of the move."""
    options = [f"--exclude={label}" for label in OWN_TRACE]
    answer = run(server, "dumpdata", "--all", *options)
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def test_the_demo_data_go_to_postgres_and_back(sqlite_server, on_postgres, tmp_path):
    sqlite_server.ask(DEMO)
    before = everything(sqlite_server)
    url = on_postgres.environment["DATABASE_URL"]
    answer = run(sqlite_server, "move_database", "--to", url, "--json")
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert (said["from"], said["to"]) == ("sqlite", "postgresql")
    assert said["rows"] > len(before)
    assert everything(on_postgres) == before
    assert run(on_postgres, "verify_audit").returncode == 0
    assert run(on_postgres, "check_numbers").returncode == 0
    assert run(on_postgres, "migrate", "--check").returncode == 0

    again = run(sqlite_server, "move_database", "--to", url)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == (
        "CommandError: The target is not empty: somebody worked with it already. Nothing was moved.\n"
    )
    refused = run(on_postgres, "move_database", "--to", "sqlite")
    assert refused.returncode == 2, "the old file is still there"

    back = sqlite_server.data / "db" / "bills.db"
    for path in back.parent.glob("bills.db*"):
        path.unlink()
    answer = run(on_postgres, "move_database", "--to", "sqlite")
    assert answer.returncode == 0, answer.stderr
    assert "unset DATABASE_URL" in answer.stdout
    assert everything(sqlite_server) == before
    assert run(sqlite_server, "verify_audit").returncode == 0
    assert run(sqlite_server, "check_numbers").returncode == 0


def test_a_server_tells_people_to_come_back_while_it_runs(sqlite_server, on_postgres):
    sqlite_server.ask(MANY)
    sqlite_server.start("--web")
    sqlite_server.wait_for_answer()
    seen, stop = [], threading.Event()

    def visit() -> None:
        while not stop.is_set():
            seen.append(sqlite_server.get("/")[0])

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        answer = run(sqlite_server, "move_database", "--to", on_postgres.environment["DATABASE_URL"])
        wait_until(lambda: seen[-1:] == [200], "the server to answer again")
    finally:
        stop.set()
        visitor.join()
    assert answer.returncode == 0, answer.stderr
    assert set(seen) == {200, 503}


def test_a_killed_move_leaves_a_target_that_takes_the_next_one(sqlite_server, on_postgres):
    sqlite_server.ask(MANY)
    url = on_postgres.environment["DATABASE_URL"]
    command = [sys.executable, "manage.py", "move_database", "--to", url]
    child = subprocess.Popen(command, cwd=settings.BASE_DIR, env=sqlite_server.environment)
    wait_until(lambda: is_carrying(sqlite_server.data), "the rows to be carried")
    child.kill()
    child.wait()
    answer = run(sqlite_server, "move_database", "--to", url)
    assert answer.returncode == 0, answer.stderr
    assert "rows of" in answer.stdout


def is_carrying(data: Path) -> bool:
    states = (data / "backups" / "operations").glob("*.json")
    return any("Carrying the rows" in path.read_text() for path in states)
