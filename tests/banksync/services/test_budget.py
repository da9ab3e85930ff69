"""The provider's quota of a rolling day: counted in the database, failures too."""

import datetime as dt

import pytest
from django.utils import timezone

from banksync.models import RequestRecord
from banksync.services.budget import reserve_request
from billtracker.core.exceptions import LimitReached
from tests import simplefin_server as server
from tests.banksync.conftest import sync

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
HOUR = dt.timedelta(hours=1)


def use(connection, count: int, *, ago: dt.timedelta = HOUR) -> None:
    moment = timezone.now() - ago
    RequestRecord.objects.bulk_create(RequestRecord(connection=connection, at=moment) for _ in range(count))


def test_the_clock_stops_at_20_and_people_at_24(connection):
    """Requirement 4"""
    use(connection, 20)
    with pytest.raises(LimitReached) as refusal:
        reserve_request(connection=connection, is_manual=False)
    assert refusal.value.seconds == 23 * 3600
    for _ in range(4):
        reserve_request(connection=connection, is_manual=True)
    with pytest.raises(LimitReached, match="24 of 24 requests"):
        reserve_request(connection=connection, is_manual=True)


def test_the_day_rolls(connection):
    """Requirement 4"""
    use(connection, 24, ago=24 * HOUR)
    reserve_request(connection=connection, is_manual=False)


def test_failures_count_and_so_does_every_further_try(bank, connection, monkeypatch):
    """Requirement 4"""
    monkeypatch.setattr("banksync.simplefin.transport.time.sleep", lambda seconds: None)
    bank.faults = [server.status(503)] * 3
    assert sync(connection).state == "failed"
    assert connection.requests.count() == len(bank.asked) == 3


def test_a_sync_beyond_the_quota_sends_nothing(bank, connection):
    """Requirement 4"""
    use(connection, 24)
    assert sync(connection).state == "failed"
    assert bank.asked == []


def test_old_records_go(connection):
    """Requirement 4"""
    use(connection, 3, ago=8 * 24 * HOUR)
    reserve_request(connection=connection, is_manual=False)
    assert connection.requests.count() == 1
