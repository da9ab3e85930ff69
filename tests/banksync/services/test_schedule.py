"""Syncs by the clock and on request: who is due, in which order, how often."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from banksync import services
from banksync.models import Connection, SyncRun
from banksync.services import schedule
from banksync.tasks import run_requested_sync, sync_due
from billtracker.core.exceptions import DomainError, LimitReached
from billtracker.core.process.jobs import JobFailed
from billtracker.core.settings import runtime_settings
from tests import simplefin_server as server
from tests.factories import make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    made = []
    monkeypatch.setattr(schedule.time, "sleep", made.append)
    return made


def test_the_clock_asks_at_the_connections_minute_and_not_before(bank, connection, clock):
    """Requirement 6"""
    assert sync_due() == "Synced 1 connections (1 ok), 0 left."
    assert sync_due() == "No connection was due."
    # Asked at 12:00, minute 10: counted from 11:10 on.
    clock.shift(189 * MINUTE)
    assert sync_due() == "No connection was due."
    clock.shift(MINUTE)
    assert sync_due() == "Synced 1 connections (1 ok), 0 left."


def test_the_interval_is_a_setting_and_an_hour_at_least(bank, connection, clock):
    """Requirement 5"""
    runtime_settings.save(None, "simplefin_sync_hours", "0.5")
    sync_due()
    clock.shift(59 * MINUTE)
    assert sync_due() == "No connection was due."
    clock.shift(MINUTE)
    assert sync_due() != "No connection was due."


def test_those_that_waited_longest_come_first_three_seconds_apart(bank, connection, household, pauses):
    """Requirement 6"""
    long_ago = timezone.now() - dt.timedelta(days=2)
    Connection.objects.update(tried_at=long_ago + dt.timedelta(days=1))
    second = make_connection(household, access_url=bank.access_url, tried_at=long_ago)
    sync_due()
    assert list(SyncRun.objects.order_by("pk").values_list("connection", flat=True)) == [
        second.pk,
        connection.pk,
    ]
    assert pauses == [3.0]


@pytest.mark.parametrize("state", ["needs_reconnect", "payment_required", "unconfirmed"])
def test_what_only_a_person_can_mend_is_not_asked_by_the_clock(bank, connection, state):
    """Requirement 3"""
    Connection.objects.update(state=state)
    assert sync_due() == "No connection was due."
    assert bank.asked == []


def test_switched_off_the_clock_asks_nobody(bank, connection):
    """Requirement 5"""
    runtime_settings.save(None, "bank_sync_enabled", False)
    assert sync_due() == "No connection was due."
    assert bank.asked == []


def test_a_fault_of_ours_stops_no_other_connection(bank, connection, household, monkeypatch):
    """Requirement 10"""
    make_connection(household, access_url=bank.access_url)
    run_sync, calls = schedule.run_sync, []

    def crash_once(run, **options):
        calls.append(run)
        if len(calls) == 1:
            raise MemoryError
        return run_sync(run, **options)

    monkeypatch.setattr(schedule, "run_sync", crash_once)
    with pytest.raises(JobFailed, match=r"1 ok.*1 connections failed"):
        sync_due()


def test_a_job_leaves_what_does_not_fit_into_its_time(bank, connection, monkeypatch):
    """Requirement 7"""
    monkeypatch.setattr(schedule, "PATIENCE", 10.0)
    assert sync_due() == "Synced 0 connections (none), 1 left."


def test_a_sync_on_request_is_a_job_and_never_in_the_request(bank, anna, connection):
    """Requirement 6"""
    run = services.request_sync(actor=anna, connection=connection)
    assert services.request_sync(actor=anna, connection=connection) == run
    assert (bank.asked, run.state) == ([], "waiting")
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("banksync.tasks.run_requested_sync", (run.pk,))
    bank.accounts = [server.account("a", server.transaction("t"))]
    assert run_requested_sync(run.pk) == "Sync OK: 1 new, 0 changed."
    run_requested_sync(run.pk)
    assert len(bank.asked) == 1
    assert run_requested_sync(run.pk + 99) == "The connection is gone."


def test_a_request_whose_job_was_lost_blocks_no_later_one(bank, anna, connection, clock):
    """Requirement 6"""
    lost = services.request_sync(actor=anna, connection=connection)
    clock.shift(11 * MINUTE)
    again = services.request_sync(actor=anna, connection=connection)
    assert again != lost
    run_requested_sync(again.pk)
    lost.refresh_from_db()
    assert lost.state == "failed"


def test_a_person_asks_ten_times_in_a_quarter_of_an_hour(anna, connection, clock):
    """Requirement 6"""
    for _ in range(10):
        services.request_sync(actor=anna, connection=connection)
        SyncRun.objects.filter(state="waiting").update(state="ok", ended_at=timezone.now())
    with pytest.raises(LimitReached):
        services.request_sync(actor=anna, connection=connection)
    clock.shift(16 * MINUTE)
    services.request_sync(actor=anna, connection=connection)


def test_what_cannot_be_synced_is_refused_at_once(anna, connection):
    """Requirement 3"""
    Connection.objects.update(state="needs_reconnect")
    connection.refresh_from_db()
    with pytest.raises(DomainError, match="Reconnect"):
        services.request_sync(actor=anna, connection=connection)
    assert OrmQ.objects.count() == 0
