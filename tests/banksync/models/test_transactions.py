"""What the database holds of transactions: ids, exact amounts, and which of them count."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from banksync.models import BankTransaction
from billtracker.core.money import MoneyError
from tests.factories import make_bank_account, make_bank_transaction, make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def test_an_id_stands_once_in_its_account():
    """Requirement 11"""
    row = make_bank_transaction(remote_id="t1")
    make_bank_transaction(remote_id="t1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_bank_transaction(row.account, remote_id="t1")


def test_an_account_id_stands_once_in_its_bank():
    """Requirement 11"""
    connection = make_connection()
    for institution_id in ("con-1", "con-2"):
        make_bank_account(connection, remote_id="a", institution_id=institution_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_bank_account(connection, remote_id="a", institution_id="con-1")


def test_amounts_are_exact_in_the_currency_of_the_account():
    """Requirement 9"""
    yen = make_bank_account(currency="JPY")
    with pytest.raises(MoneyError), transaction.atomic():
        make_bank_transaction(yen, "1.5")
    miles = make_bank_account(currency="", custom_currency="https://bank.example.org/miles")
    row = make_bank_transaction(miles, "1.2345")
    assert BankTransaction.objects.get(pk=row.pk).amount == Decimal("1.2345")


def test_a_posted_transaction_cannot_be_withdrawn():
    """Requirement 12"""
    with pytest.raises(IntegrityError), transaction.atomic():
        make_bank_transaction(withdrawn_at=timezone.now())


def test_only_posted_live_rows_of_monitored_accounts_with_a_currency_count():
    """Requirement 15"""
    account = make_bank_account()
    row, now = make_bank_transaction(account), timezone.now()
    make_bank_transaction(account, deleted_at=now)
    make_bank_transaction(account, is_pending=True)
    make_bank_transaction(account, is_pending=True, withdrawn_at=now)
    make_bank_transaction(make_bank_account(is_monitored=False))
    make_bank_transaction(make_bank_account(currency="", custom_currency="miles"))
    assert list(BankTransaction.objects.countable()) == [row]
