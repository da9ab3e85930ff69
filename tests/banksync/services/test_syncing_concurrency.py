"""Eight at once on a real database: one set of rows, whoever was first."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from banksync.models import BankAccount, BankTransaction, SyncRun
from banksync.services import run_sync, start_run
from banksync.services.storing import store_account
from banksync.simplefin.client import Window, fetch_answer
from banksync.simplefin.tokens import read_access_url
from tests import simplefin_server as server
from tests.factories import make_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite", "postgresql")]
EIGHT = 8
WINDOW = Window(dt.date(2026, 11, 1))


@pytest.fixture
def connection(bank):
    bank.accounts = [server.account("a", *(server.transaction(f"t{number}") for number in range(40)))]
    return make_connection(access_url=bank.access_url)


def all_at_once(work, things) -> list:
    barrier = Barrier(EIGHT)

    def run(thing):
        barrier.wait()
        try:
            return work(thing)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(EIGHT) as pool:
        return list(pool.map(run, things))


def test_eight_parallel_syncs_give_one_set_of_rows(connection):
    """Requirement 11"""
    runs = [start_run(connection=connection, is_manual=True) for _ in range(EIGHT)]
    all_at_once(run_sync, runs)
    assert (BankAccount.objects.count(), BankTransaction.objects.count()) == (1, 40)
    assert sum(SyncRun.objects.values_list("new_count", flat=True)) == 40
    assert not SyncRun.objects.exclude(state__in=["ok", "failed"]).exists()


def test_eight_who_store_the_same_answer_give_one_set_of_rows(connection):
    """Requirement 11"""
    answer = fetch_answer(
        read_access_url(connection.access_url), WINDOW, with_pending=False, before_each=lambda: None
    )

    def store(_number: int) -> int:
        sent, now = answer.accounts[0], timezone.now()
        return store_account(connection=connection, sent=sent, answer=answer, window=WINDOW, now=now).new

    assert sorted(all_at_once(store, range(EIGHT))) == [0] * 7 + [40]
    assert (BankAccount.objects.count(), BankTransaction.objects.count()) == (1, 40)
