"""Amounts as files write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.imports.amounts import Amount, AmountReader, Guess, guess_mark, own_mark
from billtracker.core.money import MoneyError


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$1,850.00", "1850.00", "USD"),
        ("€12,50", "12.50", "EUR"),
        ("12,50 EUR", "12.50", "EUR"),
        ("eur 12.50", "12.50", "EUR"),
        ("US$ 5", "5.00", "USD"),
        ("¥1200", "1200", "JPY"),
        ("1 234,56", "1234.56", "USD"),
        ("1'234.56", "1234.56", "USD"),
        ("(12.50)", "-12.50", "USD"),
        ("-$12.50", "-12.50", "USD"),
        ("12.50-", "-12.50", "USD"),
        ("1.234.567", "1234567.00", "USD"),
        ("KWD 1.250", "1.250", "KWD"),
        ("88", "88.00", "USD"),
    ],
)
def test_an_amount_says_its_value_and_currency(text, value, currency):
    amount = AmountReader(".", "USD").read(text)
    assert amount == Amount(Decimal(value), currency)
    assert str(amount.value) == value


def test_a_shared_sign_is_the_households_own_currency():
    assert AmountReader(".", "CAD").read("$5").currency == "CAD"
    assert AmountReader(".", "EUR").read("$5").currency == "USD"
    assert AmountReader(".", "NOK").read("5 kr").currency == "NOK"


@pytest.mark.parametrize("text", ["12.34.56", "", "-", "abc", "1,2,3", "$5 €", "XYZ 5", "1e5", "12..5", "٣"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(MoneyError):
        AmountReader(".", "USD").read(text)


def test_only_a_doubtful_amount_follows_the_column():
    assert AmountReader(".", "USD").read("1,284").value == 1284
    with pytest.raises(MoneyError, match="more decimal places"):
        AmountReader(",", "USD").read("1,284")
    assert AmountReader(",", "USD").read("1,850.00").value == 1850
    assert AmountReader(",", "KWD").read("1,284").value == Decimal("1.284")


@pytest.mark.parametrize(
    ("cells", "guess"),
    [
        (["1,850.00", "88"], Guess(".", True)),
        (["1.850,00", "12,5"], Guess(",", True)),
        (["1,284"], Guess(".", False)),
        (["1.284", "2.418"], Guess(".", False)),
        (["1,284", "12.50"], Guess(".", True)),
        (["1.284", "12,50"], Guess(",", True)),
        (["$1,850.00", "€12,50", "12.34.56"], Guess(".", True)),
        (["1,284", "12.50", "€12,50", "3.10"], Guess(".", False)),
        (["100", "5"], Guess(".", True)),
        ([], Guess(".", True)),
    ],
)
def test_the_whole_column_decides(cells, guess):
    assert guess_mark(cells) == guess


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_both_writings_of_an_amount_are_read_the_same(value):
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    reader = AmountReader(".", "USD")
    assert reader.read(english).value == reader.read(german).value == value
    assert (own_mark(english), own_mark(german)) == (".", ",")
