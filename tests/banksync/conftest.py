"""What tests of bank sync share: a bank on loopback, and leave to ask it."""

import datetime as dt

import pytest
import time_machine

from banksync import services
from banksync.models import BankTransaction, Connection, SyncRun
from tests.factories import make_connection, make_household, make_user
from tests.simplefin_server import simplefin_server


@pytest.fixture
def bank(settings):
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = True
    with simplefin_server() as server:
        yield server


NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    """Noon of 21 November 2026, moved by hand."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(db):
    return make_user(username="anna")


@pytest.fixture
def household(anna):
    return make_household(anna)


@pytest.fixture
def connection(bank, household, clock):
    """A connection to the bank on loopback, asked at minute 10."""
    return make_connection(household, access_url=bank.access_url)


def sync(connection: Connection, **options) -> SyncRun:
    """Sync now, as a person may: nothing but the connection's state refuses it."""
    return services.run_sync(services.start_run(connection=connection, **{"is_manual": True, **options}))


def rows_of(connection: Connection) -> dict[str, BankTransaction]:
    rows = BankTransaction.objects.filter(account__connection=connection)
    return {row.remote_id: row for row in rows.select_related("account")}
