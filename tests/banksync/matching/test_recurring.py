"""Bills that nobody entered, found in the lines of an account."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksync.matching.recurring import find_recurring_payees
from tests.banksync.matching.samples import TODAY, D, line, lines_of_the_year, rule, series_of_lines

GYM = "POS DEBIT IRON GYM 4471"


def find(lines, **more):
    return find_recurring_payees(lines=lines, **{"today": TODAY} | more)


def monthly(*amounts: str, first_month: int = 9, **more):
    return [
        line(month, D(2026, month, 14), f"-{amount}", **{"descriptor": GYM} | more)
        for month, amount in enumerate(amounts, start=first_month)
    ]


def test_three_payments_a_month_apart_are_a_bill():
    (gym,) = find(monthly("24.99", "24.99", "24.99"))
    assert (gym.payee, gym.currency, str(gym.interval)) == ("iron gym", "USD", "every month")
    assert (gym.amount, gym.is_variable, gym.next_date) == (Decimal("24.99"), False, D(2026, 12, 14))
    assert gym.line_ids == (9, 10, 11)
    assert gym.evidence == ("Paid 3 times since 14 September 2026", "Repeats every month", "Always $24.99")


def test_a_bill_that_varies_has_its_usual_amount():
    (electric,) = find(monthly("140.00", "150.00", "145.00"))
    assert (electric.amount, electric.is_variable) == (Decimal("145.00"), True)
    assert electric.evidence[-1] == "Between $140.00 and $150.00, usually $145.00"


def test_a_new_price_that_stands_is_the_price():
    (gym,) = find(monthly("22.99", "24.99", "24.99", "24.99", first_month=8))
    assert (gym.amount, gym.is_variable) == (Decimal("24.99"), False)
    assert gym.evidence[-1] == "The last 3 times $24.99"


def test_two_subscriptions_at_one_payee_are_two_bills():
    music = [replace(one, id=one.id + 100, amount=Decimal("-10.99")) for one in monthly(*["9.99"] * 3)]
    found = find([*monthly("9.99", "9.99", "9.99"), *music])
    assert sorted(one.amount for one in found) == [Decimal("9.99"), Decimal("10.99")]


@pytest.mark.parametrize(
    "lines",
    [
        monthly("24.99", "24.99"),
        monthly("12.00", "24.99", "80.00"),
        monthly("24.99", "24.99", "24.99", is_monitored=False),
        monthly("24.99", "24.99", "24.99", is_pending=True),
        monthly("24.99", "24.99", "24.99", used=Decimal("24.99")),
        monthly("24.99", "24.99", "24.99", used=Decimal("1.00")),
        monthly("24.99", "24.99", "24.99", descriptor="ATM WITHDRAWAL 41393"),
        monthly("24.99", "24.99", "24.99", first_month=6),
        [replace(one, amount=-one.amount) for one in monthly("24.99", "24.99", "24.99")],
    ],
    ids=["two", "amounts", "monitored", "pending", "matched", "partly", "cash", "cancelled", "income"],
)
def test_what_is_no_bill_is_not_suggested(lines):
    assert find(lines) == ()


def test_a_bill_that_exists_is_not_suggested():
    lines = monthly("24.99", "24.99", "24.99")
    assert find(lines, known_names=["Iron Gym membership"]) == ()
    assert find(lines, rules=[rule("iron gym")]) == ()
    assert len(find(lines, known_names=["Rent"], rules=[rule("fibernet")])) == 1


def test_a_year_of_an_account_has_ten_bills_and_no_coffee():
    found = find(lines_of_the_year())
    assert {(one.payee, str(one.amount), str(one.interval), one.is_variable) for one in found} == {
        ("apple.com/bill", "9.99", "every month", False),
        ("auto finance", "318.22", "every month", False),
        ("consumers energy", "138.30", "every month", True),
        ("dept education student ln", "204.11", "every month", False),
        ("fibernet svc", "69.99", "every month", False),
        ("midstate gas co", "88.00", "every month", False),
        ("mobileco", "140.00", "every month", False),
        ("netflix.com", "15.49", "every month", False),
        ("riverside apts", "1850.00", "every month", False),
        ("spotify stockholm", "16.99", "every month", False),
    }
    assert all(TODAY - dt.timedelta(days=10) <= one.next_date <= D(2026, 12, 31) for one in found)


@settings(max_examples=100, deadline=None)
@given(series_of_lines(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter_and_none_is_evidence_twice(lines, random):
    found = find(lines)
    assert find(random.sample(lines, len(lines))) == found
    used = [id for one in found for id in one.line_ids]
    assert len(used) == len(set(used))
    assert all(len(one.line_ids) >= 3 and one.amount > 0 for one in found)
