"""What the database itself holds about days: each row fits on every day from its own on."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from billing.models import Allocation, Payment, Refund, Settlement, Statement
from tests.factories import make_allocation, make_client, make_issued, make_office_user, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
UNFIT = "Money is applied to an issued statement"


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


@pytest.fixture
def payer():
    return make_client()


@pytest.fixture
def owed(payer):
    return make_issued(client=payer, amount="100.00")


@pytest.fixture
def paid(payer):
    return make_payment(payer, "100.00", paid_on=on(1))


@pytest.fixture
def taken_off(paid, owed):
    row = make_allocation(paid, owed, "100.00", effective_on=on(5))
    return make_allocation(paid, owed, "-100.00", effective_on=on(20), reverses=row)


def refused(sentence: str, act, *args, **facts) -> None:
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        act(*args, **facts)


def refund(payment: Payment, day: int) -> Refund:
    who, now = payment.recorded_by, timezone.now()
    facts = {"reason": "Paid twice", "recorded_by": who, "recorded_at": now}
    return Refund.objects.create(payment=payment, amount=Decimal(100), refunded_on=on(day), **facts)


def void(row, day: int, **facts) -> None:
    who = make_office_user("Reviewer")
    fields = {"voided_by": who, "voided_at": timezone.now(), "void_date": on(day), "void_reason": "Mistake"}
    type(row).objects.filter(pk=row.pk).update(**fields, **facts)


def test_a_row_between_is_refused_and_one_after_is_taken(payer, paid, owed, taken_off):
    """O3 (C), (D), (B)"""
    other, elsewhere = (
        make_payment(payer, "100.00", paid_on=on(1)),
        make_issued(client=payer, amount="100.00"),
    )
    refused("settled below zero", make_allocation, other, owed, "100.00", effective_on=on(6))
    refused("is not applied or refunded", make_allocation, paid, elsewhere, "100.00", effective_on=on(6))
    refused("is not applied or refunded", refund, paid, 6)
    make_allocation(other, owed, "100.00", effective_on=on(20))
    refund(paid, 20)


def test_a_payment_or_statement_is_void_only_when_nothing_stands_on_it_any_more(paid, owed, taken_off):
    """O2"""
    refused(UNFIT, void, paid, 6, state="void", void_cause="error")
    refused(UNFIT, void, owed, 6, state="void")
    void(paid, 20, state="void", void_cause="error")
    void(owed, 20, state="void")
    assert (Payment.objects.get().state, Statement.objects.get().state) == ("void", "void")


def test_a_payment_is_not_void_before_its_refund_is(paid):
    """O2"""
    gone = refund(paid, 3)
    void(gone, 20)
    refused(UNFIT, void, paid, 6, state="void", void_cause="error")
    void(paid, 20, state="void", void_cause="error")


def test_money_is_not_used_before_it_is_there(payer, paid):
    """O3"""
    late = make_issued(client=payer, issue_date=on(10), due_date=on(30))
    refused("by its date", make_allocation, paid, late, "1.00", effective_on=on(9))
    came = make_payment(payer, "100.00", paid_on=on(15))
    refused("by its date", make_allocation, came, late, "1.00", effective_on=on(14))
    refused("by its date", refund, came, 14)
    refused("by its date", refund, make_payment(payer, "100.00", state="draft", paid_on=on(1)), 14)


def test_a_settlement_and_its_allocation_have_one_day_and_one_amount(owed, paid):
    """O3 (F)"""
    by, now = paid.recorded_by, timezone.now()
    facts = {"statement": owed, "kind": "withholding", "recorded_by": by, "recorded_at": now}
    row = Settlement.objects.create(amount=Decimal(60), settled_on=on(5), **facts)
    for amount, day in (("60.00", 6), ("59.00", 5)):
        refused("on its own day", settle, row, amount, day)
    applied = settle(row, "60.00", 5)
    refused("on the day of its void", void, row, 20)
    settle(row, "-60.00", 20, reverses=applied)
    refused("on the day of its void", void, row, 19)
    void(row, 20)


def settle(row: Settlement, amount: str, day: int, **facts) -> Allocation:
    facts |= {"created_by": row.recorded_by, "created_at": timezone.now(), "effective_on": on(day)}
    return Allocation.objects.create(statement=row.statement, settlement=row, amount=Decimal(amount), **facts)
