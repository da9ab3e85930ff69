"""What every test gets: a clean cache, its engine's tests only, and no skipping in CI.

Which engines a test runs on is said in `tests/engines.py`. ``cannot_run`` is for what this machine lacks.
"""

import datetime as dt
import os

import pytest
from hypothesis import settings as hypothesis_settings

from tests.engines import engines_of

# A busy machine is slower, not wrong: no test is timed.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

# Playwright keeps an event loop running in the main thread, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Where most of the seconds are. These begin first: what is left at the end is small, and can be shared out.
SLOW = (
    "tests/acceptance/", "tests/backups/management/", "tests/core/process/test_launcher.py",
    "tests/bills/services/test_payments_concurrency.py", "tests/bills/services/test_reminders_processes.py",
    "tests/billing/services/test_payments_concurrency.py", "tests/browser/test_backup_journey.py",
    "tests/browser/test_every_page.py", "tests/backups/transfer/", "tests/backups/services/",
    "tests/notifications/services/test_delivery_processes.py", "tests/core/data/", "tests/test_reads.py",
)  # fmt: skip
IN_CI = os.environ.get("CI", "").lower() == "true"


def cannot_run(reason: str) -> None:
    """Skip what this machine cannot run and say why; in CI that is a failure."""
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_collection_modifyitems(config, items):
    """Leave out the tests of the other engine, and let slow ones begin."""
    from django.db import connection

    here = [item for item in items if connection.vendor in engines_of(item)]
    if others := set(items).difference(here):
        config.hook.pytest_deselected(items=list(others))
    items[:] = slow_first(here, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def slow_first(items: list, workers: int) -> list:
    """Return the tests so that each of xdist's equal pieces begins with its share of the slow ones."""
    slow = [item for item in items if item.nodeid.startswith(SLOW)]
    quick = [item for item in items if not item.nodeid.startswith(SLOW)]
    size = -(-len(quick) // workers)
    pieces = (slow[one::workers] + quick[one * size : (one + 1) * size] for one in range(workers))
    return [item for piece in pieces for item in piece]


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
def world(django_db_setup, django_db_blocker, tmp_path_factory):  # noqa: F811
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


from tests.reset import django_db_setup  # noqa: E402, F401
from tests.servers import empty_server, migrated, server  # noqa: E402, F401
