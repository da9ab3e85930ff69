"""Connecting a bank: the token is used once, and what it opens is stored before anything else is asked."""

import pytest

from banksync import services
from banksync.models import BankTransaction, Connection
from banksync.simplefin.failures import RequestFailed
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.models import AuditEntry
from billtracker.core.settings import runtime_settings
from tests import simplefin_server as server
from tests.banksync.conftest import rows_of, sync
from tests.factories import make_bank_transaction

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def connect(bank, anna, household, **fields) -> Connection:
    return services.connect_bank(
        actor=anna, household=household, **{"token": bank.setup_token(), "name": "Bank", **fields}
    )


def test_a_token_is_claimed_once_and_stored_before_anything_else_is_asked(bank, anna, household):
    """Requirement 1"""
    connection = connect(bank, anna, household)
    assert (bank.claim_count, bank.asked) == (1, [])
    assert (connection.state, connection.access_url) == ("active", bank.access_url)
    assert 0 <= connection.minute <= 59


def test_a_pasted_access_url_is_stored_without_a_claim(bank, anna, household):
    """Requirement 1"""
    assert connect(bank, anna, household, token=bank.access_url).state == "active"
    assert bank.claim_count == 0


@pytest.mark.parametrize(
    "fault", [server.status(403), server.status(500), server.hang_up, server.body(b"hello")]
)
def test_a_claim_that_fails_stores_nothing_and_is_not_sent_again(bank, anna, household, fault):
    """Requirement 1"""
    bank.faults = [fault]
    with pytest.raises(RequestFailed):
        connect(bank, anna, household)
    assert (bank.claim_count, Connection.objects.count()) == (1, 0)


def test_another_server_than_the_tokens_waits_for_a_word(bank, anna, household):
    """Requirement 2"""
    bank.faults = [server.body(b"https://user:password@other.example.org/path")]
    connection = connect(bank, anna, household)
    assert (connection.state, connection.host) == ("unconfirmed", "other.example.org")
    with pytest.raises(DomainError, match=r"Confirm first that other\.example\.org"):
        sync(connection)
    assert services.confirm_host(actor=anna, connection=connection).state == "active"
    with pytest.raises(DomainError, match="needs no confirmation"):
        services.confirm_host(actor=anna, connection=connection)


def test_no_secret_is_in_the_audit_log(bank, anna, household):
    """Requirement 2"""
    connection = connect(bank, anna, household)
    services.reconnect_bank(actor=anna, connection=connection, token=bank.access_url)
    services.disconnect_bank(actor=anna, connection=connection, keep_rows=True)
    entries = list(AuditEntry.objects.filter(action__startswith="bank_connection."))
    assert [entry.action.partition(".")[2] for entry in entries] == ["created", "reconnected", "disconnected"]
    assert not any("planted" in str(vars(entry)) for entry in entries)


def test_reconnecting_keeps_accounts_and_rows_and_is_asked_at_once(bank, anna, connection):
    """Requirement 3"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    sync(connection)
    kept = rows_of(connection)
    Connection.objects.update(state="needs_reconnect", error="no")
    fresh = services.reconnect_bank(actor=anna, connection=connection, token=bank.setup_token())
    assert (fresh.state, fresh.error, fresh.tried_at) == ("active", "", None)
    assert rows_of(connection) == kept
    assert sync(connection).new_count == 0


def test_disconnecting_keeps_the_rows_or_removes_them(bank, anna, connection):
    """Requirement 3"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    sync(connection)
    services.disconnect_bank(actor=anna, connection=connection, keep_rows=True)
    connection.refresh_from_db()
    assert (connection.state, connection.access_url, len(rows_of(connection))) == ("disconnected", "", 1)
    with pytest.raises(DomainError, match="Reconnect with a new setup token"):
        sync(connection)
    services.disconnect_bank(actor=anna, connection=connection, keep_rows=False)
    assert (Connection.objects.count(), BankTransaction.objects.count()) == (0, 0)


def test_switched_off_nothing_is_sent(bank, anna, household):
    """Requirement 5"""
    runtime_settings.save(None, "bank_sync_enabled", False)
    with pytest.raises(DomainError, match="switched off"):
        connect(bank, anna, household)
    assert bank.claim_count == 0


def test_a_name_has_an_end(bank, anna, household):
    """Requirement 1"""
    with pytest.raises(InvalidInput):
        connect(bank, anna, household, name="x" * 101)
    assert bank.claim_count == 0
    assert connect(bank, anna, household, name="").name == "127.0.0.1"


def test_an_account_is_switched_off_and_on_with_an_entry_in_the_log(anna):
    """Requirement 15"""
    account = make_bank_transaction().account
    services.set_monitored(actor=anna, account=account, is_monitored=False)
    account.refresh_from_db()
    assert not account.is_monitored
    assert AuditEntry.objects.get(action="bank_account.changed").changes == {"is_monitored": [True, False]}


def test_asking_for_pending_rows_is_a_choice_of_the_connection(anna, connection):
    """Requirement 12"""
    assert services.set_pending(actor=anna, connection=connection, has_pending=True).has_pending
