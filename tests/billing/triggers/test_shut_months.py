"""The database itself keeps every dated event out of a locked or closed month."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from billing.models import (
    CreditNote,
    Payment,
    PeriodException,
    Refund,
    Sequence,
    Settlement,
    Statement,
)
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_engagement,
    make_issued,
    make_payment,
    make_period,
)

pytestmark = pytest.mark.django_db
NOVEMBER = dt.date(2026, 11, 3)


def run(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sentence: str, sql: str, *values) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        run(sql, *values)


@pytest.fixture
def payer():
    return make_client()


@pytest.fixture
def issued(payer):
    return make_issued(client=payer, amount="1000.00")


@pytest.fixture
def payment(payer):
    return make_payment(payer, "600.00")


@pytest.mark.parametrize(
    ("month", "state"), [("2026-11", "locked"), ("2026-11", "closed"), ("2026-12", "closed")]
)
def test_a_shut_month_refuses_each_event_dated_into_it(payment, issued, payer, month, state):
    draft, unposted = make_draft(payer), make_payment(payer, state="draft")
    make_period(month, state)
    now, by = timezone.now(), payment.recorded_by
    events = [
        lambda: make_allocation(payment, issued, "1.00"),
        lambda: make_payment(payer),
        lambda: Payment.objects.filter(pk=unposted.pk).update(state="posted", posted_by=by, posted_at=now),
        lambda: make_issued(client=payer),
        lambda: Settlement.objects.create(
            statement=issued, kind="rounding", settled_on=NOVEMBER, amount=Decimal("0.05"), recorded_by=by,
            recorded_at=now,
        ),
        lambda: Refund.objects.create(
            payment=payment, refunded_on=NOVEMBER, amount=Decimal(1), reason="Twice", recorded_by=by,
            recorded_at=now,
        ),
        lambda: Statement.objects.filter(pk=issued.pk).update(
            state="void", void_date=NOVEMBER, void_reason="Mistake", voided_by=by, voided_at=now
        ),
        lambda: Payment.objects.filter(pk=payment.pk).update(
            state="void", void_date=NOVEMBER, void_reason="Mistake", void_cause="error", voided_by=by,
            voided_at=now,
        ),
    ]  # fmt: skip
    for event in events:
        with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
            event()
    draft.refresh_from_db()
    make_allocation(payment, issued, "1.00", effective_on=dt.date(2027, 1, 1))


def test_a_shut_month_refuses_credit_notes_and_the_voiding_of_refunds_and_settlements(payment, issued):
    by, now = payment.recorded_by, timezone.now()
    facts = {"recorded_by": by, "recorded_at": now}
    refund = Refund.objects.create(
        payment=payment, refunded_on=NOVEMBER, amount=Decimal(1), reason="Twice", **facts
    )
    settlement = Settlement.objects.create(
        statement=issued, kind="rounding", settled_on=NOVEMBER, amount=Decimal("0.05"), **facts
    )
    make_period("2026-11")
    voiding = "voided_by_id = %s, voided_at = %s, void_date = '2026-11-04', void_reason = 'Mistake'"
    for row in (refund, settlement):
        refused(
            "locked or closed", f"UPDATE {row._meta.db_table} SET {voiding} WHERE id = %s", by.pk, now, row.pk
        )
    sequence = Sequence.objects.get(code="CN")
    with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
        CreditNote.objects.create(
            statement=issued,
            issue_date=NOVEMBER,
            amount=Decimal(1),
            currency="PHP",
            reason="Twice",
            sequence=sequence,
            sequence_year=2026,
            sequence_number=1,
            number="CN-2026-0001",
            snapshot={},
            issued_by=by,
            issued_at=now,
        )
    engagement = make_engagement(payment.client)
    with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
        make_draft(payment.client, kind="retainer", engagement=engagement, period_start=dt.date(2026, 11, 1))


def test_an_exception_lets_one_person_through_a_locked_month_until_its_time(payment, issued):
    other = make_issued(client=payment.client)
    period, now = make_period("2026-11"), timezone.now()
    leave = PeriodException.objects.create(
        period=period,
        user=payment.recorded_by,
        until=now + dt.timedelta(hours=1),
        reason="Late slip",
        granted_by=period.changed_by,
        granted_at=now,
    )
    make_allocation(payment, issued, "1.00", created_at=now)
    late = now + dt.timedelta(hours=2)
    for who, at in ((period.changed_by, now), (payment.recorded_by, late)):
        with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
            make_allocation(payment, other, "1.00", created_by=who, created_at=at)
    PeriodException.objects.filter(pk=leave.pk).update(ended_at=now)
    with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
        make_allocation(payment, issued, "1.00", created_at=now)


def test_an_exception_opens_no_closed_month(payment, issued):
    period, now = make_period("2026-11", "closed"), timezone.now()
    PeriodException.objects.create(
        period=period,
        user=payment.recorded_by,
        until=now + dt.timedelta(hours=1),
        reason="Late slip",
        granted_by=period.changed_by,
        granted_at=now,
    )
    with pytest.raises(DatabaseError, match="locked or closed"), transaction.atomic():
        make_allocation(payment, issued, "1.00")
