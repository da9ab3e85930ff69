"""The proof of the balances names what was planted past the rules of the database, and nothing else."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from billing import services, tasks
from billing.models import BooksCheck, Payment
from billing.reports.balance_proof import find_balance_faults
from billing.status import balances
from billtracker.core.data.triggers import drop_every_rule
from billtracker.core.process.health import Level
from billtracker.core.process.jobs import JobFailed
from notifications.models import Message
from tests.factories import (
    make_allocation,
    make_client,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_user,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)),
]


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


@pytest.fixture
def payer():
    return make_client(name="Casa Niña")


@pytest.fixture
def taken_off(payer):
    """A payment that stood on a statement from 5 to 19 November; the rules of the database are off."""
    make_office()
    drop_every_rule(connection)
    owed = make_issued(1, client=payer, amount="100.00")
    paid = make_payment(payer, "100.00", paid_on=on(1), manual_number="OR 1")
    row = make_allocation(paid, owed, "100.00", effective_on=on(5))
    make_allocation(paid, owed, "-100.00", effective_on=on(20), reverses=row)
    return paid, owed


def sentences() -> list[str]:
    return [fault.sentence for fault in find_balance_faults()]


def test_books_that_tie_out_have_no_fault(taken_off):
    assert sentences() == []


def test_a_payment_voided_while_it_was_applied_makes_aging_and_ledger_differ(taken_off, payer, capsys):
    """O2"""
    paid, _ = taken_off
    facts = {"voided_by": paid.recorded_by, "voided_at": timezone.now(), "void_date": on(6)}
    Payment.objects.update(state="void", void_cause="error", void_reason="Mistake", **facts)
    assert sentences() == ["Aging and ledger differ by PHP from 2026-11-06 on"]
    with pytest.raises(SystemExit) as ended:
        call_command("check_numbers", "--json")
    assert ended.value.code == 1
    row = json.loads(capsys.readouterr().out)[-1]
    words = f"Balances: Aging and ledger differ by PHP from 2026-11-06 on (client {payer.pk})"
    assert (row["sequence"], row["is_whole"], row["strange"]) == ("balances", False, [words])


def test_what_is_settled_or_applied_twice_is_below_zero(taken_off, payer):
    """O3 (C), (D)"""
    paid, owed = taken_off
    other = make_payment(payer, "100.00", paid_on=on(1), manual_number="OR 2")
    make_allocation(other, owed, "100.00", effective_on=on(6))
    make_allocation(paid, make_issued(2, client=payer, amount="100.00"), "100.00", effective_on=on(7))
    assert sentences() == [
        "SOA-2026-0001 is below zero on 2026-11-06",
        "Payment OR 1 is below zero on 2026-11-07",
    ]


def test_a_row_beside_its_settlement_makes_aging_and_ledger_differ(taken_off, payer):
    """O3 (F)"""
    _, owed = taken_off
    row = services.settle_statement(
        actor=make_office_user("Admin"),
        statement=owed,
        kind="withholding",
        amount=Decimal("60.00"),
        settled_on=on(21),
    )
    row.allocations.update(effective_on=on(23))
    assert sentences() == ["Aging and ledger differ by PHP from 2026-11-21 on"]


def test_the_daily_check_remembers_it_status_is_red_and_administrators_are_told_once(taken_off, payer):
    """O2, O3"""
    make_user(is_superuser=True, email="a@example.org")
    _, owed = taken_off
    make_allocation(make_payment(payer, "100.00", paid_on=on(1)), owed, "100.00", effective_on=on(6))
    for _ in range(2):
        with pytest.raises(JobFailed, match="do not tie out: SOA-2026-0001 is below zero on 2026-11-06"):
            tasks.check_books()
    check = BooksCheck.objects.first()
    assert check.balance_faults == ["SOA-2026-0001 is below zero on 2026-11-06"]
    item = balances(check)
    assert (item.level, "Casa" in item.value) == (Level.ERROR, False)
    assert [message.subject for message in Message.objects.all()] == ["The office's balances do not tie out"]


def test_the_proof_costs_the_same_with_more_in_the_books(django_assert_max_num_queries, taken_off, payer):
    for number in range(5, 9):
        owed = make_issued(number, client=make_client(), amount="10.00")
        make_allocation(make_payment(owed.client, "10.00"), owed, "10.00")
    with django_assert_max_num_queries(11):
        assert sentences() == []
