"""kill -9 at any moment of a restore: the old data or the new ones, whole, and the next restore succeeds."""

from functools import partial

import pytest
from django.conf import settings

from backups import operation_states
from backups.archive import folders
from backups.engines.figures import Figures, take_figures
from backups.services.running import run_operation
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.models import Restoration
from tests.backups.conftest import PAPER, home, names_in  # noqa: F401
from tests.factories import make_category, make_household, make_user
from tests.kills import RANDOM_KILLS, Killer, Place, kill_at, require_whole_database, seconds_of

# Where the old data are live after the kill.
BEFORE = [
    Place("after", "backups.services.restore._prove"),
    Place("after", "backups.services.restore.bring_back"),  # media files
    Place("after", "backups.services.restore._keep_live_data"),
    Place("before", "backups.services.restore._make_ready"),  # the new data are there, aside
    Place("after", "backups.services.restore._make_ready"),
]
# Where the new data are.
AFTER = [
    Place("before", "backups.services.restore._forget_the_past"),
    Place("before", "backups.operations.Operation.end"),
]
# What a backup and a restore write themselves.
TRACES = {"core_auditentry", "core_auditchain", "core_restoration"}


@pytest.mark.django_db(transaction=True)
def test_kills_at_every_place_and_at_random_moments_of_a_restore(home):  # noqa: F811
    states = {}
    household = make_household(make_user(), name="One")
    states["One"] = state_with(household, 200)
    Household.objects.update(name="Two")
    states["Two"] = state_with(household, 400)
    killer = Killer(seed=20261122, length=seconds_of(restore, states["One"][0]))

    def is_replaced_in_spite_of(kill) -> bool:
        """Restore the other state, killed on the way, and say which data are live; they are whole."""
        live = Household.objects.get().name
        kill(restore, states["Two" if live == "One" else "One"][0])
        name = Household.objects.get().name
        assert own_figures() == states[name][1]
        assert audit.verify() == []
        require_whole_database()
        return name != live

    for place in BEFORE:
        assert not is_replaced_in_spite_of(partial(kill_at, place)), place
    for place in AFTER:
        assert is_replaced_in_spite_of(partial(kill_at, place)), place
    for _ in range(RANDOM_KILLS):
        is_replaced_in_spite_of(killer.kill)

    last = run_operation("restore", None, backup=states["One"][0])
    assert own_figures() == states["One"][1]
    assert Restoration.objects.order_by("-pk")[0].pre_restore == last.pre_restore_id
    for backup in folders.all_backups():
        folders.require_checksums(backup)
    assert names_in(home) == sorted(one.id for one in folders.all_backups())
    assert {operation_states.find(key).state for key in operation_states.known_keys()} <= {"done", "killed"}


def state_with(household, count: int) -> tuple[str, Figures]:
    """Add categories and a paper, make a backup of it all, and return its name and the figures."""
    for number in range(count):
        make_category(household, name=f"{count}-{number}")
    path = settings.DATA_DIR / "media" / f"{count}.pdf"
    path.write_bytes(PAPER)
    return run_operation("create", None, kind="manual").id, own_figures()


def own_figures() -> tuple:
    figures = take_figures()
    return {table: count for table, count in figures.rows.items() if table not in TRACES}, figures.money


def restore(backup_id: str) -> None:
    run_operation("restore", None, backup=backup_id)
