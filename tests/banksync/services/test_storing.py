"""What an answer does to the rows of an account: once, exactly, and with its history."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from banksync import services
from banksync.models import BankAccount, BankTransaction, TransactionChange
from tests import simplefin_server as server
from tests.banksync.conftest import rows_of, sync

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def test_everything_of_a_row_is_stored(bank, connection):
    """Requirement 11"""
    row = server.transaction(
        "t",
        "2026-11-20",
        "-12.50",
        payee="Cafe",
        memo="2 cups",
        mcc="5814",
        transacted_at=server.epoch("2026-11-19"),
    )
    bank.accounts = [server.account("a", row, **{"available-balance": "90.00"})]
    sync(connection)
    stored = rows_of(connection)["t"]
    assert (stored.amount, stored.posted_on, stored.transacted_on) == (
        Decimal("-12.50"), dt.date(2026, 11, 20), dt.date(2026, 11, 19),
    )  # fmt: skip
    assert (stored.description, stored.payee, stored.memo) == ("COFFEE SHOP", "Cafe", "2 cups")
    assert stored.category_code == "5814"
    assert (stored.account.balance, stored.account.available_balance) == ("100.00", "90.00")


def test_a_second_sync_of_the_same_writes_no_row(bank, connection):
    """Requirement 11"""
    bank.accounts = [server.account("a", *(server.transaction(f"t{number}") for number in range(30)))]
    sync(connection)
    with CaptureQueriesContext(database) as queries:
        run = sync(connection)
    assert (run.new_count, run.changed_count, run.withdrawn_count) == (0, 0, 0)
    tables = ("banksync_banktransaction", "banksync_transactionchange")
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE", "COPY"))]
    assert not [sql for sql in writes if any(table in sql.split("WHERE")[0] for table in tables)]


def test_the_number_of_queries_does_not_grow_with_the_rows(bank, connection):
    """Requirement 11"""
    counts = []
    for size in (2, 60):
        rows = [server.transaction(f"{size}-{number}") for number in range(size)]
        bank.accounts = [server.account("a", *rows)]
        with CaptureQueriesContext(database) as queries:
            sync(connection)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 5


def test_a_changed_amount_or_text_is_taken_over_with_its_history(bank, connection):
    """Requirement 14"""
    row = server.transaction("t")
    bank.accounts = [server.account("a", row)]
    sync(connection)
    row |= {"amount": "-11.00", "description": "COFFEE SHOP 2"}
    assert sync(connection).changed_count == 1
    assert rows_of(connection)["t"].amount == Decimal("-11.00")
    assert TransactionChange.objects.get().changes == {
        "amount": ["-10.00", "-11.00"], "description": ["COFFEE SHOP", "COFFEE SHOP 2"],
    }  # fmt: skip


def test_a_date_that_is_gone_is_no_news(bank, connection):
    """Requirement 9"""
    row = server.transaction("t", transacted_at=server.epoch("2026-11-19"))
    bank.accounts = [server.account("a", row)]
    sync(connection)
    del row["transacted_at"]
    assert sync(connection).changed_count == 0


def test_a_new_id_for_the_same_row_keeps_the_row(bank, connection):
    """Requirement 13"""
    bank.accounts = [server.account("a", server.transaction("old"))]
    sync(connection)
    key = rows_of(connection)["old"].pk
    bank.accounts = [server.account("a", server.transaction("fresh"))]
    run = sync(connection)
    assert (run.new_count, run.changed_count) == (0, 1)
    assert {name: row.pk for name, row in rows_of(connection).items()} == {"fresh": key}


def test_in_an_answer_with_an_error_a_new_id_is_a_new_row(bank, connection):
    """Requirement 13"""
    bank.accounts = [server.account("a", server.transaction("old"))]
    sync(connection)
    bank.accounts = [server.account("a", server.transaction("fresh"))]
    bank.extra = {"errors": ["Something is wrong"]}
    sync(connection)
    assert set(rows_of(connection)) == {"old", "fresh"}


def pending(key: str, **overrides) -> dict:
    return server.transaction(key, **{"posted": 0, "pending": True, **overrides})


def test_pending_rows_are_left_out_unless_they_are_asked_for(bank, connection):
    """Requirement 12"""
    bank.accounts = [server.account("a", pending("p"), server.transaction("t"))]
    bank.faults = [server.body(b'{"accounts": [{"id": "a", "currency": "USD", "transactions": [{"id": "p", '
                               b'"posted": 0, "amount": "-1", "pending": true}]}]}')]  # fmt: skip
    sync(connection)
    assert rows_of(connection) == {}
    sync(connection)
    assert set(rows_of(connection)) == {"t"}


def test_a_posted_row_replaces_its_pending_one_and_a_missing_one_is_withdrawn(bank, anna, connection):
    """Requirement 12"""
    services.set_pending(actor=anna, connection=connection, has_pending=True)
    bank.accounts = [server.account("a", pending("p1"), pending("p2", amount="-7.00", description="TAXI"))]
    assert sync(connection).new_count == 2
    assert BankTransaction.objects.countable().count() == 0
    key = rows_of(connection)["p1"].pk
    bank.accounts = [server.account("a", server.transaction("posted", amount="-12.00"))]
    run = sync(connection)
    assert (run.new_count, run.changed_count, run.withdrawn_count) == (0, 1, 1)
    rows = rows_of(connection)
    assert (rows["posted"].pk, rows["posted"].amount, rows["posted"].is_pending) == (key, Decimal(-12), False)
    assert rows["p2"].withdrawn_at is not None
    bank.accounts[0]["transactions"].append(pending("p2", amount="-7.00", description="TAXI"))
    sync(connection)
    assert rows_of(connection)["p2"].withdrawn_at is None


def test_nothing_of_an_account_that_is_switched_off_is_stored(bank, anna, connection):
    """Requirement 15"""
    bank.accounts = [server.account("a", server.transaction("t1"))]
    sync(connection)
    services.set_monitored(actor=anna, account=BankAccount.objects.get(), is_monitored=False)
    bank.accounts = [server.account("a", server.transaction("t2"), balance="999.00")]
    assert sync(connection).new_count == 0
    assert set(rows_of(connection)) == {"t1"}
    assert BankAccount.objects.get().balance == "100.00"


def test_a_custom_currency_is_shown_and_counts_nowhere(bank, connection):
    """Requirement 9"""
    miles = "https://bank.example.org/miles"
    bank.accounts = [server.account("a", server.transaction("t", amount="1.2345"), currency=miles)]
    sync(connection)
    account = BankAccount.objects.get()
    assert (account.currency, account.custom_currency, account.counts) == ("", miles, False)
    assert rows_of(connection)["t"].amount == Decimal("1.2345")
    assert BankTransaction.objects.countable().count() == 0


def test_another_currency_than_before_changes_nothing_and_says_so(bank, connection):
    """Requirement 9"""
    bank.accounts = [server.account("a", server.transaction("t")), server.account("b")]
    sync(connection)
    bank.accounts[0] |= {"currency": "EUR", "balance": "1.00"}
    run = sync(connection)
    assert run.state == "partial"
    account = BankAccount.objects.get(remote_id="a")
    assert (account.currency, account.balance) == ("USD", "100.00")
    assert "another currency" in account.error


def test_a_bank_that_gets_another_id_keeps_its_accounts(bank, connection):
    """Requirement 13"""
    org = {"domain": "bank.example.org", "name": "My Bank"}
    bank.accounts = [{**server.account("a", server.transaction("t")), "conn_id": None, "org": org}]
    sync(connection)
    bank.accounts = [server.account("a", server.transaction("t"), conn_id="con-7")]
    assert sync(connection).new_count == 0
    assert BankAccount.objects.get().institution_id == "con-7"


def test_the_same_account_id_at_another_bank_is_another_account(bank, connection):
    """Requirement 13"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    sync(connection)
    bank.accounts.append(server.account("a", server.transaction("t"), conn_id="con-2"))
    sync(connection)
    assert BankAccount.objects.count() == 2
