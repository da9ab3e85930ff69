"""kill -9 at any moment of a backup: live data whole, no half backup in the list, the next run succeeds."""

import pytest

from backups import folders, operations
from backups.figures import differences, take_figures
from backups.services.running import run_operation
from tests.backups.conftest import names_in
from tests.backups.kills import Killer, require_whole_database, seconds_of
from tests.factories import make_household, make_user

KILLS = 30


@pytest.mark.django_db(transaction=True)
def test_thirty_kills_at_random_moments(home):
    make_household(make_user())
    before = take_figures()
    run_operation("create", None)
    killer = Killer(seed=20261121, length=seconds_of(run_operation, "create", None))
    outcomes = [killer.kill(run_operation, "create", None) for _ in range(KILLS)]
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
