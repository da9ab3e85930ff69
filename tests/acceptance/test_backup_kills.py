"""kill -9 at any moment of a backup: live data whole, no half backup in the list, the next run succeeds."""

import pytest

from backups import operation_states
from backups.archive import folders
from backups.engines.figures import differences, take_figures
from backups.services.running import run_operation
from tests.backups.conftest import home, names_in  # noqa: F401
from tests.factories import make_household, make_user
from tests.kills import RANDOM_KILLS, Killer, Place, kill_at, require_whole_database, seconds_of

PLACES = [
    Place("after", "backups.archive.folders.begin_folder"),
    Place("before", "backups.services.create.seal_all"),  # database and media files are written
    Place("after", "backups.archive.folders.finish_file"),  # one file is on the disk
    Place("before", "backups.archive.folders.finish_folder"),
    Place("after", "backups.archive.folders.finish_folder"),
    Place("before", "backups.operations.Operation.end"),
]


@pytest.mark.django_db(transaction=True)
def test_kills_at_every_place_and_at_random_moments(home):  # noqa: F811
    make_household(make_user())
    before = take_figures()
    run_operation("create", None)
    killer = Killer(seed=20261121, length=seconds_of(run_operation, "create", None))
    for place in PLACES:
        kill_at(place, run_operation, "create", None)
    for _ in range(RANDOM_KILLS):
        killer.kill(run_operation, "create", None)
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
    states = [operation_states.find(key) for key in operation_states.known_keys()]
    assert {state.state for state in states} == {"done", "killed"}
