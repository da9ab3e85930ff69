"""A household with one owner, and short ways to make bills in it."""

import datetime as dt
from decimal import Decimal

import pytest

from bills import services
from bills.models import Bill
from tests.factories import make_household, make_user

TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def household(owner):
    return make_household(owner)


def saved_bill(owner, household, bill=None, *, today=TODAY, past="keep", **fields):
    """Create a bill, or change the given one, through the service."""
    if bill is None:
        start = fields.get("start_date", dt.date(2026, 1, 15))
        defaults = {"name": "Rent", "expected_amount": Decimal("100.00"), "currency": "USD"}
        bill = Bill(household=household, **{**defaults, "start_date": start, "tracked_from": start, **fields})
    for name, value in fields.items():
        setattr(bill, name, value)
    return services.save_bill(actor=owner, bill=bill, today=today, past=past)
