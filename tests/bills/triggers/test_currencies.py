"""The database refuses a payment of another currency, whoever writes it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bills import services
from bills.models import Payment, PaymentSplit
from billtracker.core.exceptions import DomainError
from tests.bills.conftest import TODAY, saved_bill

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def december(owner, household):
    return saved_bill(owner, household).occurrences.get(scheduled_date=dt.date(2026, 12, 15))


@pytest.fixture
def payment(owner, household, december):
    splits = [(december, Decimal("100.00"))]
    return services.record_payment(
        actor=owner, household=household, splits=splits, paid_on=TODAY, currency="USD"
    )


def refused():
    return pytest.raises(IntegrityError, match="its own currency")


def test_a_split_of_another_currency_is_refused(household, december):
    """B1"""
    euros = Payment.objects.create(household=household, amount=Decimal("1.00"), currency="EUR", paid_on=TODAY)
    with refused(), transaction.atomic():
        PaymentSplit.objects.create(payment=euros, occurrence=december, amount=Decimal("1.00"))


def test_neither_side_of_a_live_payment_changes_its_currency(payment, december):
    """B1"""
    for rows in (Payment.objects.filter(pk=payment.pk), type(december).objects.filter(pk=december.pk)):
        with refused(), transaction.atomic():
            rows.update(currency="EUR")


def test_an_undone_payment_holds_no_currency_and_does_not_come_back(payment, december, owner, household):
    """B1 B4"""
    services.delete_payments(actor=owner, payments=[payment])
    saved_bill(owner, household, december.bill, currency="EUR")
    december.refresh_from_db()
    assert december.currency == "EUR"
    with pytest.raises(DomainError, match="owed in EUR; a payment in USD cannot settle it"):
        services.restore_payments(actor=owner, payments=[payment])
    with refused(), transaction.atomic():
        Payment.objects.filter(deleted_at__lt=timezone.now()).update(deleted_at=None)
