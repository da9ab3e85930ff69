"""What the database itself holds about money: nothing is changed or overpaid."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from billing.models import (
    Allocation,
    Payment,
    Refund,
    Settlement,
)
from billing.triggers import money
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_issued,
    make_office_user,
    make_payer_group,
    make_payment,
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


# --- frozen ------------------------------------------------------------------------------------
def test_every_column_is_frozen_or_named_as_open():
    def columns(model):
        return {field.column for field in model._meta.concrete_fields}

    own = {*money.PAYMENT_FROZEN, *money.PAYMENT_VERIFIED, *money.VOIDING}
    assert own | {"state", "void_cause"} == columns(Payment)
    assert {*money.REFUND_FROZEN, *money.VOIDING} == columns(Refund)
    certificate = {"certificate_number", "certificate_date", "certificate_received_on"}
    assert {*money.SETTLEMENT_FROZEN, *money.VOIDING} | certificate == columns(Settlement)


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "paid_on = '2026-11-01'",
        "currency = 'USD'",
        "manual_number = 'x'",
        "method = 'cash'",
        "reference = 'x'",
        "state = 'draft'",
        "posted_at = '2020-01-01 00:00:00+00:00'",
    ],
)
def test_a_posted_payment_refuses_the_change(payment, change):
    refused("frozen", f"UPDATE billing_payment SET {change} WHERE id = %s", payment.pk)


def test_a_verified_payment_refuses_even_its_notes_and_a_void_one_everything(payment):
    by, now = make_office_user("Reviewer"), timezone.now()
    payment.state, payment.verified_by, payment.verified_at = "verified", by, now
    payment.save()
    refused("frozen", "UPDATE billing_payment SET notes = 'x' WHERE id = %s", payment.pk)
    refused("frozen", "UPDATE billing_payment SET state = 'posted' WHERE id = %s", payment.pk)
    payment.state, payment.voided_by, payment.voided_at = "void", by, now
    payment.void_date, payment.void_reason, payment.void_cause = NOVEMBER, "Bounced", "bounced"
    payment.save()
    refused("frozen", "UPDATE billing_payment SET state = 'posted' WHERE id = %s", payment.pk)
    refused("frozen", "UPDATE billing_payment SET void_reason = 'other' WHERE id = %s", payment.pk)
    refused("never deleted", "DELETE FROM billing_payment WHERE id = %s", payment.pk)


def test_a_draft_can_be_changed_and_deleted():
    draft = make_payment(state="draft")
    run("UPDATE billing_payment SET amount = amount + 10000 WHERE id = %s", draft.pk)
    run("DELETE FROM billing_payment WHERE id = %s", draft.pk)
    assert not Payment.objects.exists()


def test_allocations_are_only_added(payment, issued):
    row = make_allocation(payment, issued, "100.00")
    refused("only added", "UPDATE billing_allocation SET amount = 1 WHERE id = %s", row.pk)
    refused("only added", "DELETE FROM billing_allocation WHERE id = %s", row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Allocation.objects.all().delete()


# --- amounts -----------------------------------------------------------------------------------
def test_no_statement_and_no_payment_is_overdrawn(payment, issued, payer):
    for amount in ("600.01", "1000.01"):
        with pytest.raises(DatabaseError, match="is not"), transaction.atomic():
            make_allocation(payment, issued, amount)
    make_allocation(payment, issued, "600.00")
    with pytest.raises(DatabaseError, match="is not"), transaction.atomic():
        make_allocation(make_payment(payer, "900.00"), issued, "400.01")


def test_a_refund_takes_no_more_than_is_left(payment, issued):
    make_allocation(payment, issued, "500.00")
    facts = {"payment": payment, "refunded_on": NOVEMBER, "reason": "Paid twice"}
    facts |= {"recorded_by": payment.recorded_by, "recorded_at": timezone.now()}
    with pytest.raises(DatabaseError, match="not applied or refunded"), transaction.atomic():
        Refund.objects.create(amount=Decimal("100.01"), **facts)
    Refund.objects.create(amount=Decimal("100.00"), **facts)
    with pytest.raises(DatabaseError, match="not applied or refunded"), transaction.atomic():
        make_allocation(payment, make_issued(client=payment.client), "0.01")


@pytest.mark.parametrize("what", ["a draft statement", "a draft payment", "another currency"])
def test_money_is_not_applied_to_what_does_not_fit(payment, issued, what):
    if what == "a draft statement":
        issued = make_draft(payment.client)
    elif what == "a draft payment":
        payment = make_payment(payment.client, state="draft")
    else:
        payment = make_payment(payment.client, currency="USD")
    with pytest.raises(DatabaseError, match="issued statement"), transaction.atomic():
        make_allocation(payment, issued, "1.00")


@pytest.mark.engines("sqlite", "postgresql")
def test_money_of_one_client_settles_anothers_statement_in_one_payer_group_alone(payment):
    """P3"""
    sister = make_client(group="South")
    owed = make_issued(client=sister)
    payment.client.group = "South"
    payment.client.save()
    with pytest.raises(DatabaseError, match="for clients of its payer group"), transaction.atomic():
        make_allocation(payment, owed, "1.00")
    group = make_payer_group(sister, payment.client)
    row = make_allocation(payment, owed, "1.00")
    group.members.update(payer_group=None)
    make_allocation(payment, owed, "-1.00", reverses=row)
    with pytest.raises(DatabaseError, match="for clients of its payer group"), transaction.atomic():
        make_allocation(payment, owed, "1.00")


def test_a_reversal_takes_back_one_row_whole_and_once(payment, issued):
    row = make_allocation(payment, issued, "100.00")
    other = make_payment(payment.client)
    for source, amount, day in (
        (payment, "-99.00", NOVEMBER),
        (other, "-100.00", NOVEMBER),
        (payment, "-100.00", dt.date(2026, 11, 2)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            make_allocation(source, issued, amount, reverses=row, effective_on=day)
    back = make_allocation(payment, issued, "-100.00", reverses=row)
    for again in (row, back):
        with pytest.raises(DatabaseError), transaction.atomic():
            make_allocation(payment, issued, "-100.00", reverses=again)


def test_a_statement_or_payment_with_money_applied_is_not_voided(payment, issued):
    make_allocation(payment, issued, "100.00")
    now = timezone.now()
    voiding = "voided_by_id = %s, voided_at = %s, void_date = '2026-11-04', void_reason = 'Mistake'"
    refused(
        "issued statement",
        f"UPDATE billing_statement SET state = 'void', {voiding}",
        payment.recorded_by.pk,
        now,
    )
    refused(
        "issued statement",
        f"UPDATE billing_payment SET state = 'void', void_cause = 'error', {voiding}",
        payment.recorded_by.pk,
        now,
    )
