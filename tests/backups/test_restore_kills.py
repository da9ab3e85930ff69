"""kill -9 at any moment of a restore: the old data or the new ones, whole, and the next restore succeeds."""

import pytest

from backups import folders, operations
from backups.figures import Figures, take_figures
from backups.services.running import run_operation
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.models import Restoration
from tests.backups.conftest import PAPER, names_in
from tests.backups.kills import Killer, require_whole_database, seconds_of
from tests.factories import make_category, make_household, make_user

KILLS = 30
# What a backup and a restore write themselves.
TRACES = {"core_auditentry", "core_auditchain", "core_restoration"}


@pytest.mark.django_db(transaction=True)
def test_thirty_kills_at_random_moments_of_a_restore(home):
    states = {}
    household = make_household(make_user(), name="One")
    states["One"] = state_with(household, 200)
    Household.objects.update(name="Two")
    states["Two"] = state_with(household, 400)
    killer = Killer(seed=20261122, length=seconds_of(restore, states["One"][0]))

    seen = set()
    for _ in range(KILLS):
        live = Household.objects.get().name
        wanted = states["Two" if live == "One" else "One"][0]
        outcome = killer.kill(restore, wanted)
        name = Household.objects.get().name
        seen.add((outcome, name == live))
        assert own_figures() == states[name][1]
        assert audit.verify() == []
        require_whole_database()
    assert ("killed", True) in seen, "some were killed before the data were replaced"

    last = run_operation("restore", None, backup=states["One"][0])
    assert own_figures() == states["One"][1]
    assert Restoration.objects.order_by("-pk")[0].pre_restore == last.pre_restore_id
    for backup in folders.all_backups():
        folders.require_checksums(backup)
    assert names_in(home) == sorted(one.id for one in folders.all_backups())
    assert {operations.find(key).state for key in operations.known_keys()} <= {"done", "killed"}


def state_with(household, count: int) -> tuple[str, Figures]:
    """Add categories and a paper, make a backup of it all, and return its name and the figures."""
    for number in range(count):
        make_category(household, name=f"{count}-{number}")
    path = folders.settings.DATA_DIR / "media" / f"{count}.pdf"
    path.write_bytes(PAPER)
    return run_operation("create", None, kind="manual").id, own_figures()


def own_figures() -> tuple:
    figures = take_figures()
    return {table: count for table, count in figures.rows.items() if table not in TRACES}, figures.money


def restore(backup_id: str) -> None:
    run_operation("restore", None, backup=backup_id)
