"""Which database engines a test runs on: each says so itself, or follows one rule.

``@pytest.mark.engines("sqlite")``, ``("postgresql")`` or ``("sqlite", "postgresql")`` on a test, or in the
``pytestmark`` of its module, decides. Without a mark

- a test that asks pytest-django for the database runs on both engines;
- any other runs on SQLite alone: what needs no rows is the same on both.

Processes that tests start have a database of their own, which pytest-django knows nothing of: what uses
``server`` and the like, and no rows beside, must carry the mark. What an engine cannot change although
there are rows, such as what a browser shows, carries ``engines("sqlite")``.
"""

import pytest

BOTH = ("sqlite", "postgresql")
# Fixtures that lead to the databases of processes.
OF_PROCESSES = {"migrated", "empty_server"}
# Fixtures by which a test asks pytest-django for the database.
OF_ROWS = {"db", "transactional_db", "live_server"}


def engines_of(item) -> tuple[str, ...]:
    """Return the engines that the test runs on; an error if it has to say and does not."""
    if marker := item.get_closest_marker("engines"):
        return marker.args
    if item.get_closest_marker("django_db") or not OF_ROWS.isdisjoint(item.fixturenames):
        return BOTH
    if not OF_PROCESSES.isdisjoint(item.fixturenames):
        raise pytest.UsageError(f"{item.nodeid} starts processes: mark it with pytest.mark.engines(...).")
    return ("sqlite",)
