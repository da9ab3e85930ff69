"""Each signal about bank sync goes through its levels, and none of them tells a name or an address."""

import datetime as dt

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from banksync.models import BankAccount, Connection
from banksync.status import measure, status_items
from billtracker.core.process.health import Fact, Level
from billtracker.core.settings import runtime_settings
from tests import simplefin_server as server
from tests.banksync.conftest import sync
from tests.factories import make_bank_account, make_bank_transaction, make_connection

pytestmark = [
    pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql"), pytest.mark.usefixtures("clock"),
]  # fmt: skip
DAY = dt.timedelta(days=1)


def signal(name: str, facts=None) -> tuple[Level, str]:
    item = next(item for item in status_items(facts or {}) if item.name == name)
    return item.level, item.value


def test_without_a_connection_all_is_well():
    """Requirement 10"""
    facts = {"bank": Fact(timezone.now(), measure())}
    assert {item.level for item in status_items(facts)} == {Level.OK}


def test_switched_off_is_said():
    """Requirement 5"""
    assert signal("Bank sync") == (Level.OK, "On")
    runtime_settings.save(None, "bank_sync_enabled", False)
    assert signal("Bank sync") == (Level.OK, "Off: no bank is asked")


def test_a_connection_that_waits_for_a_person_is_a_warning():
    """Requirement 3"""
    make_connection()
    assert signal("Connections") == (Level.OK, "1")
    make_connection(state="needs_reconnect")
    make_connection(state="disconnected", access_url="")
    assert signal("Connections")[0] is Level.WARNING
    assert signal("Connections")[1].startswith("1 of 2 wait")


@pytest.mark.parametrize(("days", "level"), [(2, Level.OK), (3, Level.WARNING), (7, Level.ERROR)])
@pytest.mark.parametrize("state", ["active", "needs_reconnect"])
def test_no_good_data_for_3_days_is_amber_and_for_7_red(days, level, state):
    """Requirement 10"""
    connection = make_connection(state=state)
    make_bank_account(connection, good_at=timezone.now())
    make_bank_account(connection, good_at=timezone.now() - 9 * DAY, is_monitored=False)
    make_bank_account(connection, good_at=timezone.now() - days * DAY)
    assert signal("Oldest data")[0] is level


def test_an_account_that_never_had_good_data_counts_from_its_beginning(clock):
    """Requirement 10"""
    make_bank_account()
    assert signal("Oldest data")[0] is Level.OK
    clock.shift(3 * DAY)
    assert signal("Oldest data")[0] is Level.WARNING
    BankAccount.objects.update(is_monitored=False)
    assert signal("Oldest data") == (Level.OK, "No account is monitored.")


def test_a_sync_that_is_not_whole_is_a_warning_until_one_is(bank, connection, clock):
    """Requirement 10"""
    bank.faults = [server.status(500)]
    sync(connection)
    assert signal("Last sync error")[0] is Level.WARNING
    clock.shift(60)
    sync(connection)
    assert signal("Last sync error") == (Level.OK, "None")


def test_the_quota_and_the_next_sync_are_told(bank, connection):
    """Requirement 4"""
    assert signal("Next sync") == (Level.OK, "Now")
    sync(connection)
    assert signal("Quota") == (Level.OK, "At most 1 of 24 requests in 24 hours")
    assert signal("Next sync") == (Level.OK, "In 3 hours")
    Connection.objects.update(paused_until=timezone.now() + DAY)
    assert signal("Quota")[0] is Level.WARNING
    assert signal("Next sync") == (Level.OK, "None is scheduled.")


def test_what_is_stored_is_counted_by_the_worker():
    """Requirement 10"""
    account = make_bank_transaction().account
    make_bank_transaction(account, deleted_at=timezone.now())
    facts = {"bank": Fact(timezone.now(), measure())}
    assert signal("Bank accounts", facts)[1].startswith("Accounts: 1, transactions: 1")
    assert signal("Bank accounts")[0] is Level.UNKNOWN


def test_the_number_of_queries_does_not_grow():
    """Requirement 10"""
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_bank_account()
        with CaptureQueriesContext(database) as queries:
            status_items({})
        counts.append(len(queries))
    assert counts[0] == counts[1]
