"""Operations: one at a time, and a state that says the truth after any end."""

import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings

from backups import operation_lock, operation_states, operations
from backups.archive import folders, media
from billtracker.core.exceptions import DomainError


def test_an_operation_that_comes_through_is_done_with_its_steps_and_sentence():
    with operations.begin("create", "ana") as operation:
        assert operation_states.find(operation.key).is_running
        operation.report("Copying", 0.5)
        operation.say("Backup made.")
    state = operation_states.latest()
    assert (state.state, state.sentence, state.steps) == ("done", "Backup made.", ("Copying",))
    assert state.share == 1.0
    assert state.actor_name == "ana"


def test_a_second_operation_is_refused_while_one_runs():
    with (
        operations.begin("create", "ana"),
        pytest.raises(DomainError) as refusal,
        operations.begin("verify", "ben"),
    ):
        raise AssertionError("two at once")
    assert refusal.value.code == operation_lock.BUSY
    assert operation_states.latest().kind == "create"


def test_a_refusal_and_a_fault_end_as_what_they_are():
    with pytest.raises(DomainError), operations.begin("create", "ana"):
        raise DomainError("The disk is full.")
    assert (operation_states.latest().state, operation_states.latest().sentence) == (
        "refused",
        "The disk is full.",
    )
    with pytest.raises(KeyError), operations.begin("create", "ana"):
        raise KeyError("x")
    assert operation_states.latest().state == "failed"
    assert "KeyError" in operation_states.latest().sentence


def test_an_operation_whose_process_died_shows_as_killed():
    program = (
        "import os, django; django.setup()\n"
        "from backups import operation_states, operations\n"
        "with operations.begin('create', 'ana', key='deadbeef0001'):\n"
        "    os.kill(os.getpid(), 9)"
    )
    environment = {
        **os.environ, "BILLTRACKER_TEST_DATA_DIR": str(settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", program], env=environment, cwd=settings.BASE_DIR)
    assert died.returncode == -9
    assert operation_states.find("deadbeef0001").state == "killed"
    with operations.begin("create", "ana"):
        assert operation_states.find("deadbeef0001").state == "killed"


def test_what_dead_operations_left_is_removed_by_the_next():
    (folders.backups_folder() / "20260101-000000-manual.partial").mkdir()
    leftover = settings.DATA_DIR / "media" / media.ASIDE
    leftover.write_bytes(b"half")
    with operations.begin("create", "ana"):
        pass
    assert [entry.name for entry in folders.backups_folder().iterdir() if "partial" in entry.name] == []
    assert not leftover.exists()


def test_states_are_for_their_owner_alone_and_only_the_newest_are_kept():
    for _ in range(operation_states.KEPT + 3):
        with operations.begin("create", "ana"):
            pass
    assert len(operation_states.known_keys()) <= operation_states.KEPT + 1
    assert {path.stat().st_mode & 0o777 for path in operation_states.states_folder().iterdir()} == {0o600}


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "UPPER", "x" * 41, "a/b"])
def test_a_key_that_is_none_finds_nothing(key):
    assert operation_states.find(key) is None


def test_who_only_looks_stops_nobody_from_beginning(monkeypatch):
    handle = os.open(operation_lock.path(), os.O_RDWR | os.O_CREAT, 0o600)
    assert operation_lock.try_lock(handle, operation_lock.fcntl.LOCK_SH)
    threading.Timer(0.1, os.close, [handle]).start()
    with operations.begin("create", "ana"):
        assert operation_lock.is_held()
