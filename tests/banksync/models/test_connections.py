"""What the database holds of a connection: its secret, and its states."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from banksync.models import Connection, SyncRun
from tests.factories import make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
SECRET = "https://user:planted@host/path"


def test_the_access_url_is_encrypted_in_the_database():
    """Requirement 1"""
    row = make_connection(access_url=SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_url FROM banksync_connection")
        stored = cursor.fetchone()[0]
    assert "planted" not in stored
    assert Connection.objects.get(pk=row.pk).access_url == SECRET


@pytest.mark.parametrize("fields", [
    {"state": "lost"},
    {"state": "active", "access_url": ""},
    {"state": "disconnected"},
    {"minute": 60},
])  # fmt: skip
def test_the_database_refuses_states_that_make_no_sense(fields):
    """Requirement 3"""
    with pytest.raises(IntegrityError), transaction.atomic():
        make_connection(**fields)


def test_a_disconnected_one_has_no_access_left():
    """Requirement 3"""
    assert make_connection(state="disconnected", access_url="").pk


def test_a_run_that_ended_has_its_end():
    """Requirement 4"""
    run = SyncRun(connection=make_connection(), state="ok", asked_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        run.save()


def test_paused_and_broken_connections_are_not_asked_by_the_clock():
    """Requirement 4"""
    now = timezone.now()
    hour = dt.timedelta(hours=1)
    asked = [make_connection(), make_connection(paused_until=now - hour)]
    make_connection(paused_until=now + hour)
    for state in ("unconfirmed", "needs_reconnect", "payment_required"):
        make_connection(state=state)
    assert list(Connection.objects.syncing_by_itself(now)) == asked
