"""What runs on which engine: on Postgres only what an engine can change."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import touches_a_database


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


def test_the_rule_sees_the_fixtures_behind_a_fixture(request, world):
    assert touches_a_database(request.node)
    assert request.node.get_closest_marker("django_db") is None
