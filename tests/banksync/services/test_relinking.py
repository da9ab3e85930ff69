"""An account that came back under another id goes on as one, with the rows of both, each once."""

import datetime as dt

import pytest

from banksync import services
from banksync.models import BankAccount, BankTransaction
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests import simplefin_server as server
from tests.banksync.conftest import rows_of, sync
from tests.factories import make_bank_account

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture
def accounts(bank, anna, connection, clock):
    """An account with two rows that came back under another id, with both of them and a third."""
    rows = [server.transaction("t1"), server.transaction("t2", amount="-5.00")]
    bank.accounts = [server.account("old", *rows)]
    sync(connection)
    services.edit_transaction(
        actor=anna, bank_transaction=rows_of(connection)["t1"], own_description="Ben", note=""
    )
    clock.shift(dt.timedelta(days=1))
    fresh = [server.transaction("n1"), server.transaction("n2", amount="-5.00"), server.transaction("n3")]
    bank.accounts = [server.account("new", *fresh, balance="80.00")]
    sync(connection)
    return BankAccount.objects.get(remote_id="old"), BankAccount.objects.get(remote_id="new")


def relink(anna, accounts) -> BankAccount:
    return services.relink_account(actor=anna, account=accounts[0], successor=accounts[1])


def test_nothing_is_relinked_by_itself_though_the_names_are_the_same(accounts):
    """Requirement 13"""
    assert BankTransaction.objects.count() == 5
    assert accounts[0].name == accounts[1].name


def test_two_become_one_with_each_row_once(bank, anna, connection, accounts):
    """Requirement 13"""
    keys = {row.remote_id: row.pk for row in rows_of(connection).values()}
    services.edit_transaction(
        actor=anna, bank_transaction=rows_of(connection)["n2"], own_description="", note="shared"
    )
    account = relink(anna, accounts)
    assert BankAccount.objects.get() == account == accounts[0]
    assert (account.remote_id, account.balance) == ("new", "80.00")
    rows = rows_of(connection)
    assert {name: row.pk for name, row in rows.items()} == {
        "n1": keys["t1"],
        "n2": keys["t2"],
        "n3": keys["n3"],
    }
    assert (rows["n1"].own_description, rows["n2"].note) == ("Ben", "shared")
    assert AuditEntry.objects.get(action="bank_account.relinked").changes["remote_id"] == ["old", "new"]
    run = sync(connection)
    assert (run.new_count, run.changed_count) == (0, 0)


def test_an_account_that_the_bank_still_has_is_another_one(bank, anna, connection, accounts):
    """Requirement 13"""
    bank.accounts.append(server.account("old"))
    sync(connection)
    with pytest.raises(DomainError, match="still has"):
        relink(anna, accounts)
    assert BankTransaction.objects.count() == 5


def test_an_account_that_is_switched_off_is_still_there_when_the_bank_has_it(
    bank, anna, connection, accounts
):
    """Requirement 13"""
    services.set_monitored(actor=anna, account=accounts[0], is_monitored=False)
    bank.accounts.append(server.account("old"))
    sync(connection)
    with pytest.raises(DomainError, match="still has"):
        relink(anna, accounts)


def test_other_currencies_and_other_connections_are_refused(anna, accounts):
    """Requirement 13"""
    euros = make_bank_account(accounts[0].connection, currency="EUR")
    for successor in (euros, make_bank_account(), accounts[0]):
        with pytest.raises(DomainError, match="Nothing was changed"):
            relink(anna, (accounts[0], successor))
