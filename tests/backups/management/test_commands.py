"""The commands as real processes: what they say, their exit codes, and an operation that a page starts."""

import json

import pytest

from tests.backups.conftest import furnish, manage
from tests.servers import wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def furnished(server):
    furnish(server)
    return server


def run(server, *arguments: str, code: int = 0, **options) -> str:
    """Run the command, check its exit code, and return what it said there."""
    done = manage(server, *arguments, **options)
    assert done.returncode == code, done.stderr
    if code == 2:
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1
    return (done.stderr if code == 2 else done.stdout).strip()


def test_a_backup_from_its_making_to_its_end(furnished, tmp_path):
    made = json.loads(run(furnished, "create_backup", "--json"))
    assert (made["kind"], made["encrypted"], made["proof"]) == ("manual", False, None)
    listed = json.loads(run(furnished, "list_backups", "--json"))["backups"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert made["id"] in run(furnished, "list_backups")

    proven = json.loads(run(furnished, "verify_backup", made["id"], "--json"))
    assert (proven["ok"], proven["fault"]) == (True, "")
    assert proven["rows"] > 100

    folder = furnished.data / "backups" / made["id"]
    database = next(path for path in folder.iterdir() if path.name.startswith("database"))
    imported = json.loads(run(furnished, "import_backup", str(database), "--json"))
    assert imported["kind"] == "imported"
    assert "SHA-256" in run(furnished, "import_backup", str(database), "--sha256", "f" * 64, code=2)

    (folder / "media.tar").write_bytes(b"rubbish")
    assert "is NOT good: media.tar" in run(furnished, "verify_backup", made["id"], code=1)
    assert "media.tar of this backup was changed" in run(furnished, "list_backups")

    assert "--yes" in run(furnished, "delete_backup", made["id"], code=2)
    assert folder.exists()
    assert "was removed" in run(furnished, "delete_backup", made["id"], "--yes")
    assert not folder.exists()


def test_what_is_not_there_or_hostile_is_refused_in_one_line(server):
    for name in ("20260101-000000-manual", "../../etc", "x"):
        assert "There is no backup" in run(server, "verify_backup", name, code=2)
        assert "There is no backup" in run(server, "delete_backup", name, "--yes", code=2)
    assert "cannot be read" in run(server, "import_backup", "/nowhere", code=2)
    assert run(server, "list_backups") == "There is no backup yet; create_backup makes one."


def test_a_passphrase_comes_by_standard_input(server):
    secret, program = {"BACKUP_PASSPHRASE": "sesame"}, ("-m", "tests.processes.cheap_manage")
    made = json.loads(run(server, "create_backup", "--json", environment=secret, program=program))
    assert made["encrypted"] is True
    verify = ("verify_backup", made["id"])
    assert "is needed" in run(server, *verify, code=2)
    assert "is wrong" in run(server, *verify, "--passphrase-stdin", code=2, input="open\n")
    assert "is proven" in run(server, *verify, "--passphrase-stdin", input="sesame\n")


STATE = """
import dataclasses, json
from backups import operation_states, operations
state = operation_states.find({key!r})
print(json.dumps([state.state, state.sentence, state.steps, state.backup_id]))
"""


def started(server, kind: str, arguments: str = "") -> str:
    return server.ask(f"from backups import operations; print(operations.start({kind!r}, None, {arguments}))")


def state_of(server, key: str) -> list:
    return json.loads(server.ask(STATE.format(key=key)))


def test_an_operation_outlives_the_process_that_started_it(server):
    key = started(server, "create", "kind='manual'")
    state = wait_until(lambda: (found := state_of(server, key))[0] != "running" and found, "the backup")
    assert state[0] == "done", state
    assert "is complete" in state[1]
    assert state[2][0] == "Copying the database" or len(state[2]) > 1
    assert (server.data / "backups" / state[3] / "manifest.json").exists()
    key = started(server, "verify", f"backup={state[3]!r}, passphrase='not needed'")
    state = wait_until(lambda: (found := state_of(server, key))[0] != "running" and found, "the proof")
    assert state[0] == "done", state
    kept = b"".join(path.read_bytes() for path in (server.data / "backups" / "operations").iterdir())
    assert b"not needed" not in kept


def test_what_is_refused_says_so_in_its_state(server):
    key = started(server, "verify", "backup='20260101-000000-manual'")
    state = wait_until(lambda: (found := state_of(server, key))[0] != "running" and found, "the refusal")
    assert state[0] == "refused"
    assert "There is no backup" in state[1]


HASTY = ("-m", "tests.processes.hasty_server", "600")
RUNS = """
from opsstatus.models import JobRun
runs = JobRun.objects.filter(name='backups.tasks.make_scheduled_backup', state='done')
print(*runs.values_list('sentence', flat=True))
"""


def test_the_worker_makes_what_is_due(server):
    """Switched on for the first time, the backup that today's time has passed for is made at once."""
    server.environment |= {"BACKUP_SCHEDULE": "daily", "BACKUP_TIME": "00:00"}
    server.start("--worker", program=HASTY)
    wait_until(lambda: list((server.data / "backups").glob("*-scheduled/manifest.json")), "the backup")
    wait_until(lambda: "is complete" in server.ask(RUNS), "the job's sentence")
