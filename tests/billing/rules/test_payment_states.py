"""What a statement is: paid, settled, part paid, overdue, unpaid; and how a suggestion fills amounts in."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.payment_states import oldest_first, payment_state
from billtracker.core.web.states import STATES

DUE = dt.date(2026, 11, 16)
AMOUNTS = st.decimals("0.01", "9999.99", places=2)


@pytest.mark.parametrize(
    ("total", "settled", "cash", "late", "state"),
    [
        ("100.00", "0.00", "0.00", -10, "unpaid"),
        ("100.00", "0.00", "0.00", 0, "unpaid"),
        ("100.00", "0.00", "0.00", 1, "overdue"),
        ("100.00", "0.01", "0.01", 0, "partial"),
        ("100.00", "99.99", "99.99", 0, "partial"),
        ("100.00", "99.99", "99.99", 1, "overdue"),
        ("100.00", "5.00", "0.00", 0, "partial"),
        ("100.00", "100.00", "100.00", 0, "paid"),
        ("100.00", "100.00", "100.00", 91, "paid"),
        ("100.00", "100.00", "99.99", 0, "settled"),
        ("100.00", "100.00", "0.00", 91, "settled"),
        ("0.00", "0.00", "0.00", 0, "settled"),
        ("0.00", "0.00", "0.00", 1, "settled"),
    ],
)
def test_the_state_follows_from_what_is_settled_and_the_day(total, settled, cash, late, state):
    sums = {"total": Decimal(total), "settled": Decimal(settled), "cash": Decimal(cash)}
    assert payment_state(**sums, due_date=DUE, day=DUE + dt.timedelta(days=late)) == state
    assert state in STATES


def test_without_a_due_date_nothing_is_overdue():
    sums = {"total": Decimal(5), "settled": Decimal(0), "cash": Decimal(0)}
    assert payment_state(**sums, due_date=None, day=DUE) == "unpaid"


@pytest.mark.parametrize(
    ("amount", "owed", "parts"),
    [
        ("500.00", ["420.00", "420.00", "10.00"], ["420.00", "80.00", "0.00"]),
        ("420.00", ["420.00", "1.00"], ["420.00", "0.00"]),
        ("1000.00", ["420.00", "1.00"], ["420.00", "1.00"]),
        ("0.00", ["1.00"], ["0.00"]),
        ("5.00", [], []),
    ],
)
def test_the_oldest_is_filled_first(amount, owed, parts):
    assert oldest_first(Decimal(amount), [Decimal(one) for one in owed]) == [Decimal(one) for one in parts]


@given(amount=AMOUNTS, owed=st.lists(AMOUNTS, max_size=9))
def test_a_suggestion_uses_all_of_it_or_settles_everything_and_never_too_much(amount, owed):
    parts = oldest_first(amount, owed)
    assert sum(parts) == min(amount, sum(owed))
    assert all(0 <= part <= owing for part, owing in zip(parts, owed, strict=True))
    left = [place for place, (part, owing) in enumerate(zip(parts, owed, strict=True)) if part < owing]
    assert not any(parts[place] for place in left[1:])
