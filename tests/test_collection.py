"""What runs on which engine, and in which order: marks decide, and what is slow begins."""

from types import SimpleNamespace

import pytest

from tests.conftest import slow_first
from tests.engines import BOTH, engines_of


def item(*fixtures, **markers):
    """A collected test as the rule sees it; each marker's value is its arguments."""
    marks = {name: SimpleNamespace(args=args) for name, args in markers.items()}
    return SimpleNamespace(fixturenames=fixtures, get_closest_marker=marks.get, nodeid="test_it")


def test_arithmetic_runs_once():
    assert engines_of(item("clean_cache", "tmp_path")) == ("sqlite",)


@pytest.mark.parametrize(
    "with_rows", [item(django_db=()), item("django_db_setup", "db"), item("live_server")]
)
def test_what_has_rows_runs_on_both(with_rows):
    assert engines_of(with_rows) == BOTH


def test_a_mark_decides():
    assert engines_of(item("live_server", django_db=(), engines=("sqlite",))) == ("sqlite",)
    assert engines_of(item(engines=("postgresql",))) == ("postgresql",)


@pytest.mark.parametrize("fixture", ["migrated", "empty_server"])
def test_what_starts_processes_has_to_say_where(fixture):
    assert engines_of(item(fixture, engines=BOTH)) == BOTH
    with pytest.raises(pytest.UsageError, match="test_it starts processes"):
        engines_of(item(fixture))


@pytest.fixture
def rows(db):
    """Something that needs the database, as ``household`` does."""


def test_the_rule_sees_the_fixtures_behind_a_fixture(request, rows):
    assert engines_of(request.node) == BOTH
    assert request.node.get_closest_marker("django_db") is None


def test_each_process_begins_with_slow_tests():
    names = ["tests/a::1", "tests/a::2", "tests/acceptance/b::1", "tests/acceptance/b::2", "tests/c::1"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    assert [item.nodeid for item in slow_first(items, 2)] == [
        "tests/acceptance/b::1", "tests/a::1", "tests/a::2", "tests/acceptance/b::2", "tests/c::1",
    ]  # fmt: skip
