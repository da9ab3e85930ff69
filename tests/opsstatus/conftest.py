"""What tests of the operator's window share: a clock that stands still, and a healthy server."""

import datetime as dt

import pytest
import time_machine
from django_q.models import Schedule

from billing.services import check_books
from billtracker.core.settings import runtime_settings
from billtracker.schedule import SCHEDULE
from opsstatus import cleanup_tasks, services
from opsstatus.panels import MEASURES
from tests.backups.made_backups import make_backup, prove
from tests.factories import make_job_run, make_user

# Notifications are on unless somebody switches them off, and need a server.
MAIL = {"smtp_host": "mail.example.org", "mail_from_address": "bills@example.org"}
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    """Noon of 21 November 2026, moved by hand."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def healthy(db, clock, monkeypatch, settings, tmp_path):
    """A server on which all is well: a worker that beats, counted, checked, backed up, with room to spare."""
    settings.DATA_DIR = tmp_path
    for name in ("db", "backups"):
        (tmp_path / name).mkdir()
    prove(make_backup(at=NOON), at=NOON)
    # The machine the tests run on may be short of anything.
    for name in ("memory", "disk"):
        monkeypatch.setattr(f"opsstatus.monitoring.server.{name}", lambda: plenty())
    services.remember_start()
    services.store_fact("heartbeat", {})
    services.check_database()
    check_books()
    cleanup_tasks.clean_up(actor=None)
    for name, count in MEASURES.items():
        services.store_fact(name, count())
    for job in SCHEDULE:
        Schedule.objects.create(name=job.name, func=job.name, next_run=NOON + dt.timedelta(minutes=30))
    for name, value in MAIL.items():
        runtime_settings.save(None, name, value)
    make_job_run()
    return clock


def plenty():
    from billtracker.core.process.health import Item

    return Item("Room", "Plenty")


@pytest.fixture
def administrator(db):
    return make_user(username="root-of-all", is_superuser=True, is_staff=True)
