"""One sync against a bank on loopback: windows, states, the lease, and what is said of errors."""

import datetime as dt

import pytest
from django.db import connection as database
from django.utils import timezone

from banksync.models import BankAccount, Connection, SyncRun
from banksync.services import run_sync, start_run
from banksync.simplefin import transport
from billtracker.core.settings import runtime_settings
from tests import simplefin_server as server
from tests.banksync.conftest import rows_of, sync

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
DAY = dt.timedelta(days=1)
CAPPED = "Requested date range exceeds limit of 90 days and was capped."


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(transport.time, "sleep", lambda seconds: None)


def days_asked(bank) -> list[tuple[str, str]]:
    def day(asked: dict, name: str) -> str:
        moment = asked.get(name)
        return str(dt.datetime.fromtimestamp(int(moment[0]), dt.UTC).date()) if moment else ""

    return [(day(asked, "start-date"), day(asked, "end-date")) for asked in bank.asked]


def test_all_accounts_are_one_request(bank, connection):
    """Requirement 4"""
    bank.accounts = [
        server.account("a", server.transaction("t1")),
        server.account("b", server.transaction("t2")),
    ]
    run = sync(connection)
    assert (run.state, run.new_count, run.asked_from) == ("ok", 2, dt.date(2026, 8, 24))
    assert bank.asked == [{"version": ["2"], "start-date": ["1787529600"]}]
    connection.refresh_from_db()
    assert (connection.synced_at, connection.locked_until) == (timezone.now(), None)


def test_a_routine_sync_asks_from_five_days_before_the_last(bank, connection, clock):
    """Requirement 5"""
    bank.accounts = [server.account("a")]
    sync(connection)
    clock.shift(2 * DAY)
    sync(connection)
    clock.shift(200 * DAY)
    sync(connection)
    sync(connection, is_backfill=True)
    assert days_asked(bank) == [
        ("2026-08-24", ""), ("2026-11-16", ""), ("2026-11-18", "2027-02-16"), ("2027-02-16", "2027-05-17"),
        ("2027-05-17", ""), ("2027-03-14", ""),
    ]  # fmt: skip


def test_the_look_back_is_a_setting(bank, connection):
    """Requirement 5"""
    runtime_settings.save(None, "simplefin_lookback_days", 7)
    sync(connection)
    assert days_asked(bank) == [("2026-11-15", "")]


def test_a_range_that_was_cut_is_asked_for_in_halves(bank, connection):
    """Requirement 5"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    bank.faults = [server.body(b'{"accounts": [], "errors": ["%s"]}' % CAPPED.encode())]
    run = sync(connection)
    assert (run.state, run.new_count) == ("ok", 1)
    assert days_asked(bank)[1:] == [("2026-08-24", "2026-10-08"), ("2026-10-08", "")]


def test_a_range_that_is_cut_whatever_its_length_is_partial_and_cheap(bank, connection):
    """Requirement 5"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    bank.extra = {"errors": [CAPPED]}
    run = sync(connection)
    assert (run.state, run.new_count, run.errors) == ("partial", 1, [CAPPED])
    assert len(bank.asked) == 7


@pytest.mark.parametrize(
    ("code", "state"), [(403, "needs_reconnect"), (402, "payment_required"), (500, "active")]
)
def test_a_refusal_changes_the_state_and_keeps_the_data(bank, connection, code, state):
    """Requirement 3"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    sync(connection)
    bank.faults = [server.status(code)]
    assert sync(connection).state == "failed"
    connection.refresh_from_db()
    assert connection.state == state
    assert connection.error
    assert set(rows_of(connection)) == {"t"}


def test_a_subscription_that_is_paid_again_is_found_by_hand(bank, connection):
    """Requirement 3"""
    Connection.objects.update(state="payment_required")
    assert sync(connection).state == "ok"
    connection.refresh_from_db()
    assert connection.state == "active"


def test_a_lost_key_asks_for_a_reconnect(bank, connection, settings):
    """Requirement 3"""
    settings.ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert "Reconnect" in sync(connection).errors[0]
    connection.refresh_from_db()
    assert (connection.state, bank.asked) == ("needs_reconnect", [])


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"accounts": [{"id": "a", "balance": NaN}]}', b'{"accounts": 1}']
)
def test_an_answer_that_makes_no_sense_changes_nothing(bank, connection, body):
    """Requirement 8"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    sync(connection)
    before = list(BankAccount.objects.values()), rows_of(connection)
    bank.faults = [server.body(body)]
    assert sync(connection).errors == ["The bank server's answer can't be read."]
    assert (list(BankAccount.objects.values()), rows_of(connection)) == before


def test_a_crash_in_the_middle_of_an_account_leaves_no_half(bank, connection, monkeypatch):
    """Requirement 8"""
    bank.accounts = [
        server.account("a", server.transaction("t1")),
        server.account("b", server.transaction("t2")),
    ]

    def crash(*pairs):
        raise MemoryError

    monkeypatch.setattr("banksync.services.storing.apply_changes", crash)
    with pytest.raises(MemoryError):
        sync(connection)
    run = SyncRun.objects.get()
    assert (run.state, run.errors) == ("failed", ["An error of this server; its log has more."])
    assert (BankAccount.objects.count(), rows_of(connection)) == (0, {})
    connection.refresh_from_db()
    assert connection.locked_until is None


def test_odd_rows_are_left_out_and_counted(bank, connection):
    """Requirement 9"""
    bank.accounts = [
        server.account("a", server.transaction("t1", amount="1,5"), server.transaction("t2"), "row")
    ]
    run = sync(connection)
    assert (run.state, run.new_count, run.odd_count) == ("partial", 1, 2)


def test_an_error_marks_only_its_account_and_the_others_come_in(bank, connection, clock):
    """Requirement 10"""
    bank.accounts = [
        server.account("a", server.transaction("t1")),
        server.account("b", server.transaction("t2")),
    ]
    sync(connection)
    clock.shift(DAY)
    message = {"code": "act.failed", "msg": "<b>Try</b> later", "conn_id": "con-1", "account_id": "a"}
    bank.extra = {"errlist": [message]}
    run = sync(connection)
    assert (run.state, run.errors) == ("partial", ["Try later"])
    errors = dict(BankAccount.objects.values_list("remote_id", "error"))
    good = dict(BankAccount.objects.values_list("remote_id", "good_at"))
    assert errors == {"a": "Try later", "b": ""}
    assert good["b"] - good["a"] == DAY


def test_an_account_that_failed_for_long_is_caught_up_with(bank, connection, clock):
    """Requirement 5"""
    bank.accounts = [server.account("a"), server.account("b")]
    sync(connection)
    bank.extra = {"errlist": [{"code": "act.failed", "msg": "no", "conn_id": "con-1", "account_id": "a"}]}
    clock.shift(20 * DAY)
    sync(connection)
    clock.shift(DAY)
    sync(connection)
    assert days_asked(bank)[-1] == ("2026-11-16", "")


def test_a_warning_about_the_quota_pauses_the_clock(bank, connection):
    """Requirement 4"""
    bank.extra = {"errors": ["You are over the rate limit of 24 requests per day."]}
    assert sync(connection).state == "partial"
    connection.refresh_from_db()
    assert connection.paused_until == timezone.now() + DAY


def test_one_sync_at_a_time(bank, connection, clock):
    """Requirement 6"""
    Connection.objects.update(locked_until=timezone.now() + dt.timedelta(minutes=5))
    assert sync(connection).errors == ["Another sync of this connection is running."]
    assert bank.asked == []
    clock.shift(dt.timedelta(minutes=5))
    assert sync(connection).state == "ok"


def test_a_run_is_done_once_and_what_a_dead_process_left_is_closed(bank, connection):
    """Requirement 6"""
    dead = SyncRun.objects.create(connection=connection, state="running", asked_at=timezone.now())
    run = start_run(connection=connection)
    run_sync(run)
    run_sync(run)
    assert len(bank.asked) == 1
    dead.refresh_from_db()
    assert (dead.state, "interrupted" in dead.errors[0]) == ("failed", True)


def test_no_transaction_is_open_while_the_bank_is_asked(bank, connection):
    """Requirement 8"""
    depth = []

    def note(handler):
        depth.append(len(database.savepoint_ids))
        server.status(500)(handler)

    before = len(database.savepoint_ids)
    bank.faults = [note]
    sync(connection)
    assert depth == [before]
