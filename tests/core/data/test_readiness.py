"""``/readyz`` tells the truth, at the price of one query."""

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from billtracker.core.data import readiness


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    monkeypatch.setattr(readiness, "_complete", None)


@pytest.mark.django_db
def test_ready_once_everything_is_applied_and_then_for_one_query(client, django_assert_num_queries):
    assert client.get("/readyz").json() == {"status": "ok"}
    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_missing_migration_is_noticed_afterwards_too(client):
    assert client.get("/readyz").status_code == 200
    MigrationRecorder.Migration.objects.filter(app="bills").delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_no_error_page(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").json() == {"status": "ok"}
