"""What rules a pair out, whatever else speaks for it."""

from decimal import Decimal

import pytest

from banksync.matching.eligibility import why_pair_ineligible
from tests.banksync.matching.samples import D, due, line, recorded, statement


@pytest.mark.parametrize(
    ("bank_line", "target", "reason"),
    [
        (line(is_monitored=False), due(), "This account is not monitored."),
        (line(is_pending=True), due(), "This transaction is still pending."),
        (line(day=None), due(), "This transaction is still pending."),
        (line(day=D(9999, 12, 31)), due(), "The date of this transaction is out of range."),
        (line(used=Decimal("69.99")), due(), "This transaction is already matched in full."),
        (line(amount="0.00"), due(), "This transaction is already matched in full."),
        (line(currency="CAD"), due(), "The transaction is in CAD, the amount due in USD."),
        (
            line(currency="https://points.example/"),
            due(currency="https://points.example/"),
            "https://points.example/ is not a currency that bills can be paid in.",
        ),
        (line(amount="69.99"), due(), "Money out pays bills; money in pays statements."),
        (line(amount="-1200"), statement(), "Money out pays bills; money in pays statements."),
        (line(amount="69.99"), recorded(), "Money out pays bills; money in pays statements."),
        (line(), due(owed="0"), "Nothing is owed any more."),
    ],
)
def test_a_pair_that_cannot_be_says_why(bank_line, target, reason):
    assert why_pair_ineligible(bank_line, target) == reason


@pytest.mark.parametrize(
    ("bank_line", "target"),
    [(line(), due()), (line(), due(owed=None)), (line(amount="1200"), statement()), (line(), recorded())],
)
def test_a_pair_that_can_be_has_nothing_against_it(bank_line, target):
    assert why_pair_ineligible(bank_line, target) == ""
