"""Errors are remembered once each, without their data, and recording them never breaks anything."""

import logging
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from opsstatus import services
from opsstatus.models import RecentError
from opsstatus.monitoring.redaction import RedactedError, redact
from opsstatus.recorders import error_recorder
from opsstatus.recorders.error_recorder import ErrorRecorder

pytestmark = pytest.mark.django_db(transaction=True)
PRIVATE = ["anna", "1850", "Rent", "/srv/books", "hunter2"]


@pytest.fixture
def log():
    """A logger of ours that feeds the recorder and nothing else."""
    logger = logging.getLogger("bills.services")
    handler = ErrorRecorder()
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    error_recorder.memory.waiting.clear()


def break_something() -> None:
    Path("/srv/books/hunter2").read_text()


def fail(log, *args) -> None:
    try:
        break_something()
    except OSError:
        log.exception(*args or ("Saving %s failed", "Rent of anna"))


def test_an_error_is_kept_once_with_a_count(log):
    for _ in range(3):
        fail(log)
    error = RecentError.objects.get()
    assert (error.kind, error.count) == ("FileNotFoundError", 3)
    assert error.first_seen_at <= error.last_seen_at


def test_its_data_is_not_kept(log):
    fail(log)
    log.error("Payment of %s by %s", "1850.00", "anna")
    log.error("see /srv/books/anna.db and postgres://anna:hunter2@db/x")
    kept = " ".join(f"{e.kind} {e.place} {e.message}" for e in RecentError.objects.all())
    assert RecentError.objects.count() == 3
    assert [word for word in PRIVATE if word in kept] == []
    assert "Payment of … by …" in kept


def test_what_others_wrote_into_their_message_is_not_kept():
    recorder = ErrorRecorder()
    recorder.handle(logging.makeLogRecord({
        "name": "urllib3", "levelno": logging.ERROR, "msg": "refused for anna", "args": None,
        "pathname": "/x/y.py", "lineno": 1,
    }))  # fmt: skip
    assert str(RecentError.objects.get()) == "urllib3"
    assert RecentError.objects.get().message == ""


def test_warnings_strangers_requests_and_failed_jobs_are_not_recorded(log):
    log.warning("Just so")
    recorder = ErrorRecorder()
    for name in ("django.security.DisallowedHost", "django-q"):
        record = logging.LogRecord(name, logging.ERROR, __file__, 1, "x", None, None)
        recorder.handle(record)
    assert RecentError.objects.count() == 0


def test_who_is_told_to_come_back_is_no_error_and_nothing_is_written(django_assert_num_queries):
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Unavailable: /", None, None)
    record.status_code = 503
    with django_assert_num_queries(0):
        ErrorRecorder().handle(record)
    record.status_code = 500
    ErrorRecorder().handle(record)
    assert RecentError.objects.count() == 1


def test_an_error_inside_a_transaction_is_written_after_its_rollback(log):
    with transaction.atomic():
        fail(log)
        transaction.set_rollback(True)
    assert RecentError.objects.count() == 0
    error_recorder.write_waiting()
    assert RecentError.objects.get().count == 1


def test_a_database_that_is_gone_breaks_nothing(log, monkeypatch):
    def gone(fault):
        raise DatabaseError("gone")

    monkeypatch.setattr(services, "note_error", gone)
    fail(log)
    assert not error_recorder.memory.is_writing


def test_a_connection_that_was_closed_before_is_closed_after(log):
    connection.close()
    fail(log)
    assert connection.connection is None
    assert RecentError.objects.count() == 1


def test_a_resolved_error_is_open_again_when_it_comes_again(admin_user):
    services.note_error(RedactedError("KeyError", "bills.x.y, line 1"))
    error = RecentError.objects.get()
    assert services.resolve_error(actor=admin_user, error=error)
    assert not services.resolve_error(actor=admin_user, error=error)
    assert RecentError.objects.unresolved().count() == 0
    services.note_error(RedactedError("KeyError", "bills.x.y, line 1"))
    assert RecentError.objects.unresolved().get().count == 2


@pytest.mark.parametrize(("text", "told"), [
    ("in /var/lib/bills/bills.db now", "in [path] now"),
    (r"in C:\Users\anna\x", "in [path]"),
    ("ask anna@example.org", "ask [address]"),
    ("at https://anna:x@bank.example/a?b", "at [address]"),
    ("key " + "aB3" * 15, "key [secret]"),
    ("3 of 4 jobs; 12/2026 and/or later", "3 of 4 jobs; 12/2026 and/or later"),
])  # fmt: skip
def test_redaction(text, told):
    assert redact(text) == told
