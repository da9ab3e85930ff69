"""What the database itself holds about settlements without money and their certificates."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from billing.models import Settlement
from tests.factories import make_client, make_issued, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


@pytest.fixture
def owed():
    return make_issued(client=make_client(), amount="1000.00")


@pytest.fixture
def settle(owed):
    by = make_office_user("Biller")

    def make(kind: str, amount: str, **facts) -> Settlement:
        facts = {"statement": owed, "settled_on": on(10), "recorded_by": by, **facts}
        return Settlement.objects.create(
            kind=kind, amount=Decimal(amount), recorded_at=timezone.now(), **facts
        )

    return make


def refused(sentence: str, act, *args, **facts) -> None:
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        act(*args, **facts)


def test_a_statement_has_one_rounding_difference(settle):
    """O12"""
    settle("rounding", "1.00")
    refused("one rounding difference", settle, "rounding", "0.01")


def test_bank_charges_beyond_the_share_need_a_reason(settle):
    """O12"""
    settle("bank_charge", "50.00")
    refused("needs a reason", settle, "bank_charge", "0.01")
    settle("bank_charge", "0.01", reason="Two banks between")


def test_a_certificate_is_received_after_the_tax_was_withheld_and_its_date(settle):
    """O9"""
    received = {"certificate_number": "1", "certificate_received_on": on(9)}
    refused("after the tax was withheld", settle, "withholding", "5.00", **received)
    row = settle("withholding", "5.00")
    rows = Settlement.objects.filter(pk=row.pk)
    refused("after the tax was withheld", rows.update, **received)
    later = {**received, "certificate_received_on": on(10), "certificate_date": on(11)}
    refused("not before its own date", rows.update, **later)
    rows.update(**{**later, "certificate_date": on(3)})


def test_a_certificate_number_is_used_once_for_a_client(settle, owed):
    """O9"""
    settle("withholding", "5.00", certificate_number="1")
    other = make_issued(client=owed.client)
    refused("used once", settle, "withholding", "5.00", certificate_number="1", statement=other)
    row = settle("withholding", "5.00", statement=other)
    refused("used once", Settlement.objects.filter(pk=row.pk).update, certificate_number="1")
    settle("withholding", "5.00", certificate_number="1", statement=make_issued())
