"""A transaction over several bills: never more than it has, never more than is owed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.matching.splits import why_split_refused
from tests.banksync.matching.samples import due, line, statement

HUNDRED = line(amount="-100.00")


def parts(*amounts: str, owed: str | None = "60.00"):
    return [(due(id, owed=owed), Decimal(amount)) for id, amount in enumerate(amounts, start=1)]


@pytest.mark.parametrize(
    "accepted", [parts("60.00", "40.00"), parts("0.01"), parts("100.00", owed=None), parts("50", "49.99")]
)
def test_parts_up_to_the_whole_transaction_are_accepted(accepted):
    assert why_split_refused(HUNDRED, accepted) == ""


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        ([], "Choose at least one bill."),
        (parts("10.00") * 2, "The same due date is listed twice."),
        (parts("60.00", "40.01"), "The parts come to $100.01; $100.00 of this transaction is left."),
        (parts("60.01"), "$60.01 is more than the $60.00 owed on 5 November 2026."),
        (parts("60.00", "0.00"), "Each part must be more than zero."),
        (parts("60.00", "-5.00"), "Each part must be more than zero."),
        ([(due(currency="EUR"), Decimal(1))], "The transaction is in USD, the amount due in EUR."),
        ([(statement(), Decimal(1))], "Money out pays bills; money in pays statements."),
    ],
)
def test_anything_else_says_why_not(refused, reason):
    assert why_split_refused(HUNDRED, refused) == reason


def test_a_fraction_of_a_cent_is_refused_and_not_rounded():
    reason = why_split_refused(HUNDRED, parts("10.005"))
    assert reason == "10.005 has more decimal places than USD allows (2)."


def test_only_what_is_left_of_a_transaction_can_be_split():
    used = line(amount="-100.00", used=Decimal("70.00"))
    assert why_split_refused(used, parts("30.00")) == ""
    assert why_split_refused(used, parts("30.01")) != ""


small = st.integers(0, 6)


@given(small, small, st.lists(st.tuples(st.integers(-1, 6), small | st.none()), min_size=1, max_size=3))
def test_a_split_is_accepted_exactly_within_both_limits(has, used, amounts):
    split = [(due(id, owed=owed), Decimal(amount)) for id, (amount, owed) in enumerate(amounts, start=1)]
    is_within = sum(amount for amount, _ in amounts) <= has - used and all(
        amount > 0 and (owed is None or amount <= owed) for amount, owed in amounts
    )
    accepted = not why_split_refused(line(amount=-has, used=Decimal(used)), split)
    assert accepted == is_within
