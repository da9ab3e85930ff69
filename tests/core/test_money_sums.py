"""Entries are bounded, sums are not: neither when written nor when the database adds them up."""

from decimal import Decimal

import pytest
from django.db import connection

from billing.models import Payment
from billtracker.core.money import MAX_AMOUNT, MoneyError, MoneySum, exact, to_display, to_places, to_text
from tests.factories import make_client, make_payment

LARGE = Decimal("123456789012345678.90")


def test_a_sum_is_written_however_large_and_an_entry_is_refused():
    """O1"""
    assert to_text(LARGE, "IDR") == "123456789012345678.90"
    assert to_display(-LARGE, "USD") == "−$123,456,789,012,345,678.90"
    assert to_places(LARGE, "USD") == LARGE
    with pytest.raises(MoneyError, match="too large"):
        exact(MAX_AMOUNT + 1, "USD")
    with pytest.raises(MoneyError, match="more decimal places"):
        to_text(Decimal("0.001"), "USD")
    with pytest.raises(MoneyError, match="not a number"):
        to_text(Decimal("NaN"), "USD")


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
def test_the_database_adds_up_more_than_64_bits_hold():
    """O1: 9,300 payments of the largest amount, in ten-thousandths, are beyond 64 bits."""
    first = make_payment(make_client(currency="CLF"), str(MAX_AMOUNT), state="draft", manual_number="")
    slip = {name: getattr(first, name) for name in ("paid_on", "recorded_by", "recorded_at")}
    Payment.objects.bulk_create(
        Payment(client=first.client, currency="CLF", amount=MAX_AMOUNT, **slip) for _ in range(9_299)
    )
    total = Payment.objects.aggregate(total=MoneySum("amount"))["total"]
    assert total == 9_300 * MAX_AMOUNT
    assert total * 10_000 > 2**63
    by_currency = Payment.objects.order_by().values_list("currency").annotate(total=MoneySum("amount"))
    assert dict(by_currency) == {"CLF": total}, connection.vendor


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
def test_a_sum_keeps_its_sign_and_a_sum_of_nothing_is_none():
    assert Payment.objects.aggregate(total=MoneySum("amount"))["total"] is None
    make_payment(amount="0.03", state="draft")
    make_payment(amount="250000.04", state="draft")
    assert Payment.objects.aggregate(total=MoneySum("amount"))["total"] == Decimal("250000.07")
