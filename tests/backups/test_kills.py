"""kill -9 at any moment of a backup: live data whole, no half backup in the list, the next run succeeds."""

import os
import random
import signal
import time

import pytest
from django.db import connection, connections

from backups import folders, operations
from backups.figures import differences, take_figures
from backups.services.create import create_backup
from backups.services.running import run_operation
from tests.backups.conftest import forked, names_in
from tests.factories import make_household, make_user

KILLS = 30
MOMENTS = random.Random(20261121)


@pytest.mark.django_db(transaction=True)
def test_thirty_kills_at_random_moments(home):
    make_household(make_user())
    before = take_figures()
    length = duration_of_one()
    outcomes = [killed_after(MOMENTS.uniform(0, 1.1) * length) for _ in range(KILLS)]
    assert outcomes.count("killed") >= KILLS // 2, outcomes
    require_whole_database()
    # Of what the server keeps, only the traces of backups that came through are new.
    assert {name.split(" ")[2] for name in differences(before, take_figures())} <= {
        "core_auditentry",
        "core_auditchain",
    }
    for backup in folders.all_backups():
        folders.require_checksums(backup)
    last = run_operation("create", None, kind="manual")
    assert folders.all_backups()[0].id == last.id
    assert names_in(home) == sorted(one.id for one in folders.all_backups())
    states = [operations.find(key) for key in operations.known_keys()]
    assert {state.state for state in states} == {"done", "killed"}


def duration_of_one() -> float:
    create_backup(actor=None)
    begin = time.monotonic()
    create_backup(actor=None)
    return time.monotonic() - begin


def killed_after(seconds: float) -> str:
    """Begin a backup in a process of its own, kill it, and say whether it had ended before."""
    connections.close_all()
    pid = forked(run_operation, "create", None)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return "killed" if code else "done"


def require_whole_database() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
