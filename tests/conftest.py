"""What every test gets: a clean cache, one engine's tests only, and no skipping in CI.

Tests that make sense on one engine carry ``@pytest.mark.only_on("sqlite")`` or ``("postgresql")``
and are left out on the other one. What touches no database runs on SQLite alone, and so does what a
browser is shown: scripts, keys and looks are the same on both, and the pages' own tests run on both.
``cannot_run`` is for what this machine lacks.
"""

import datetime as dt
import os

import pytest
from hypothesis import settings as hypothesis_settings

# A busy machine is slower, not wrong: no test is timed.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

# Playwright keeps an event loop running in the main thread, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Fixtures that lead to a database, in this process or in another one.
LEAD_TO_A_DATABASE = {"django_db_setup", "migrated", "empty_server"}
# Files about the engine whose tests have none of them; those that start processes are known by that.
ABOUT_THE_ENGINE = {
    "test_postgres_client.py", "test_postgres_script.py", "test_processes.py", "test_memory.py",
    "test_operations.py", "test_launcher.py",
}  # fmt: skip

IN_CI = os.environ.get("CI", "").lower() == "true"


def cannot_run(reason: str) -> None:
    """Skip what this machine cannot run and say why; in CI that is a failure."""
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out the tests of the other engine; put those last that empty the database when they end.

    What migrations put there is gone after the first of them. A parameter that is named like a fixture
    of the browser's is enough to bring the others behind one.
    """
    from django.db import connection

    def belongs(item) -> bool:
        marker = item.get_closest_marker("only_on")
        if marker is not None:
            return connection.vendor in marker.args
        return connection.vendor == "sqlite" or (touches_a_database(item) and not is_about_looks(item))

    others = [item for item in items if not belongs(item)]
    if others:
        config.hook.pytest_deselected(items=others)
    items[:] = sorted((item for item in items if belongs(item)), key=commits)


def touches_a_database(item) -> bool:
    """Say whether the engine can make a difference: by rows, by a process that is started, by its subject."""
    has_rows = item.get_closest_marker("django_db") or not LEAD_TO_A_DATABASE.isdisjoint(item.fixturenames)
    return bool(has_rows) or "subprocess" in vars(item.module) or item.path.name in ABOUT_THE_ENGINE


def is_about_looks(item) -> bool:
    """Say whether a browser looks at pages of this process; a server of its own is about more."""
    return item.path.parent.name == "browser" and "server" not in item.fixturenames


def commits(item) -> bool:
    """Say whether the test writes for good, and the database is emptied after it."""
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    return is_marked or not {"transactional_db", "live_server"}.isdisjoint(item.fixturenames)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped test is a failed one, whoever skipped it."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def clean_cache():
    """Sign-in limits count in the cache; no test starts with another one's count."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One household with everything and a user for each role, at noon of 21 November 2026, for a module.

    It has a data directory of its own, with a backup in it.

    Its tests carry ``pytest.mark.django_db``; what each of them writes is rolled back.
    """
    import time_machine
    from django.db import transaction
    from django.test import override_settings

    from tests.world import make_world

    noon = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
    home = override_settings(DATA_DIR=tmp_path_factory.mktemp("world"))
    with django_db_blocker.unblock(), home, time_machine.travel(noon, tick=False), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


from tests.audit_flush import flushing_empties_the_audit_log  # noqa: E402, F401
from tests.servers import empty_server, migrated, server  # noqa: E402, F401
