"""What runs on which engine: on Postgres only what an engine can change."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import is_about_looks, touches_a_database


def item(*fixtures, name="test_money.py", marker=None, **module):
    """A collected test as the rule sees it."""
    return SimpleNamespace(
        fixturenames=fixtures, path=Path(name), module=SimpleNamespace(**module),
        get_closest_marker=lambda wanted: marker if wanted == "django_db" else None,
    )  # fmt: skip


def test_arithmetic_runs_once():
    assert not touches_a_database(item("clean_cache", "tmp_path"))


@pytest.mark.parametrize("one", [
    item(marker=pytest.mark.django_db),
    item("django_db_setup", "db"),
    item("migrated", "server"),
    item("empty_server"),
    item(subprocess="started from here"),
    item(name="test_postgres_script.py"),
])  # fmt: skip
def test_what_an_engine_can_change_runs_on_both(one):
    assert touches_a_database(one)


def test_what_a_browser_is_shown_runs_once_but_for_servers_of_their_own():
    assert is_about_looks(item("live_server", name="tests/browser/test_keyboard.py"))
    assert not is_about_looks(item("migrated", "server", name="tests/browser/test_backup_journey.py"))
    assert not is_about_looks(item("live_server", name="tests/bills/test_views.py"))


@pytest.fixture
def rows(django_db_setup):
    """Something that needs the database, as ``world`` does."""


def test_the_rule_sees_the_fixtures_behind_a_fixture(request, rows):
    assert touches_a_database(request.node)
    assert request.node.get_closest_marker("django_db") is None
