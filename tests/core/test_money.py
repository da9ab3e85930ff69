"""Exact money: what is read, written, split, stored and compared."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import transaction
from django.db.models import ExpressionWrapper, F, Sum
from hypothesis import given
from hypothesis import strategies as st

from bills.models import Bill
from billtracker.core import money
from billtracker.core.money import MoneyError, MoneyField
from billtracker.core.money.currencies import validate_currency
from tests.factories import make_bill, make_household

PLACES = {"JPY": 0, "USD": 2, "KWD": 3, "CLF": 4}
currencies = st.sampled_from(sorted(PLACES))


@st.composite
def amounts(draw, *, low=-(10**9), high=10**9):
    """An amount exact in a currency of 0, 2, 3 or 4 places."""
    currency = draw(currencies)
    return money.exact(Decimal(draw(st.integers(low, high))) * money.minor_unit(currency), currency), currency


# --- reading and writing -----------------------------------------------------------------------
@pytest.mark.parametrize(("currency", "places"), PLACES.items())
def test_every_currency_has_its_places(currency, places):
    assert money.places(currency) == places
    assert money.minor_unit(currency) == Decimal(1).scaleb(-places)


@given(amounts())
def test_what_is_written_for_machines_reads_back_the_same(pair):
    amount, currency = pair
    assert money.parse(money.to_text(amount, currency), currency, decimal_mark=".") == amount


@given(amounts(), st.sampled_from([("en_US", "."), ("de_DE", ","), ("fr_FR", ",")]))
def test_what_is_written_for_people_reads_back_the_same(pair, writing):
    (amount, currency), (locale, mark) = pair, writing
    text = money.to_display(amount, currency, locale, symbol=False)
    assert money.parse(text, currency, decimal_mark=mark) == amount


@given(amounts())
def test_a_text_that_speaks_for_itself_needs_no_mark(pair):
    amount, currency = pair
    if money.places(currency) == 2:
        assert money.parse(money.to_display(amount, currency, symbol=False), currency) == amount


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1,850.00", "USD", "1850.00"),
        ("1.850,00", "USD", "1850.00"),
        ("12,5", "USD", "12.50"),
        ("1,284", "USD", "1284.00"),
        ("1.284", "KWD", "1.284"),
        ("0,125", "KWD", "0.125"),
        ("1\u202f234,50", "EUR", "1234.50"),
        ("\u22123", "USD", "-3.00"),
        ("+3", "USD", "3.00"),
        (".5", "USD", "0.50"),
        ("1,234,567", "JPY", "1234567"),
        ("-0", "USD", "0.00"),
        ("12.3400", "USD", "12.34"),
    ],
)
def test_amounts_as_people_write_them(text, currency, amount):
    assert str(money.parse(text, currency)) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "USD"),
        ("-", "USD"),
        ("12.34.56", "USD"),
        ("1.001", "KWF"),
        ("12.345,6", "JPY"),
        ("0.001", "USD"),
        ("1,23,4", "USD"),
        ("1e5", "USD"),
        ("NaN", "USD"),
        ("Infinity", "USD"),
        ("\u0663", "USD"),
        ("1 x", "USD"),
        ("99999999999999", "USD"),
        ("12.5", "JPY"),
        ("9" * 400, "USD"),
        ("--5", "USD"),
    ],
)
def test_what_is_no_amount_is_refused(text, currency):
    with pytest.raises(MoneyError):
        money.parse(text, currency)


@given(st.text(max_size=30), currencies)
def test_any_text_is_an_exact_amount_or_refused(text, currency):
    try:
        amount = money.parse(text, currency)
    except MoneyError:
        return
    assert money.exact(amount, currency) == amount


def test_people_see_the_symbol_and_a_real_minus_sign():
    assert money.to_display(Decimal("-1850"), "USD") == "\u2212$1,850.00"
    assert money.to_display(Decimal("1850"), "EUR", "de_DE") == "€1.850,00"
    assert money.to_display(Decimal("5"), "CHF") == "CHF\u00a05.00"
    assert money.to_display(Decimal("5"), "JPY") == "¥5"


# --- exact, rounded, split ---------------------------------------------------------------------
def test_a_fraction_finer_than_the_currency_is_refused():
    with pytest.raises(MoneyError, match=r"more decimal places than USD allows \(2\)"):
        money.exact(Decimal("0.001"), "USD")
    assert str(money.exact(Decimal("-0.0"), "USD")) == "0.00"
    for wrong in ("NaN", "Infinity", "1e12"):
        with pytest.raises(MoneyError):
            money.exact(Decimal(wrong), "USD")


def test_the_one_rounding_is_half_up_away_from_zero():
    assert money.round_money(Decimal("0.125"), "USD") == Decimal("0.13")
    assert money.round_money(Decimal("-0.125"), "USD") == Decimal("-0.13")
    assert money.round_money(Decimal("0.5"), "JPY") == Decimal(1)


@given(amounts(), st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any))
def test_the_parts_of_a_split_add_up(pair, weights):
    amount, currency = pair
    parts = money.split(amount, weights, currency)
    assert sum(parts) == amount
    assert all(money.exact(part, currency) == part for part in parts)
    total, unit = sum(weights), money.minor_unit(currency)
    assert all(abs(part - amount * w / total) < unit for part, w in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(
    amounts(low=0, high=99_999_999_999),
    st.lists(st.decimals(min_value="0.0001", max_value="99999999999.9999", places=4), min_size=1, max_size=6),
)
def test_a_split_of_large_amounts_by_fine_weights_adds_up(pair, weights):
    amount, currency = pair
    parts = money.split(amount, weights, currency)
    assert sum(parts) == amount
    assert min(parts) >= 0


def test_left_over_cents_go_to_the_largest_remainder_then_to_the_first():
    assert money.split(Decimal("1.00"), [1, 1, 1], "USD") == [
        Decimal("0.34"),
        Decimal("0.33"),
        Decimal("0.33"),
    ]
    assert money.split(Decimal("-1.00"), [1, 1, 1], "USD")[0] == Decimal("-0.34")
    assert money.split(Decimal("0.05"), [1, 6, 3], "USD") == [
        Decimal("0.01"),
        Decimal("0.03"),
        Decimal("0.01"),
    ]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [Decimal("NaN")], [Decimal("Infinity")]])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(MoneyError):
        money.split(Decimal(1), weights, "USD")


def test_different_currencies_are_never_added():
    pairs = [("USD", Decimal(1)), ("EUR", Decimal(2)), ("USD", Decimal("0.10"))]
    assert money.totals_by_currency(pairs) == {"EUR": Decimal(2), "USD": Decimal("1.10")}


# --- on the database ---------------------------------------------------------------------------
@given(st.integers(-money.to_stored(money.MAX_AMOUNT), money.to_stored(money.MAX_AMOUNT)))
def test_what_is_stored_reads_back_the_same(number):
    amount = money.from_stored(number)
    assert money.to_stored(amount) == number
    assert -amount.as_tuple().exponent >= 2


@pytest.mark.django_db
def test_ten_cents_and_seventy_are_eighty():
    household = make_household()
    for amount in ("0.10", "0.70"):
        make_bill(household, expected_amount=Decimal(amount))
    sums = Bill.objects.values("household").annotate(total=Sum("expected_amount"))
    assert sums.filter(total__gte=Decimal("0.80")).get()["total"] == Decimal("0.80")
    assert sums.filter(total=Decimal("0.80")).count() == 1
    assert sums.filter(total__gt=Decimal("0.80")).count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "amount"),
    [("JPY", "5"), ("USD", "0.01"), ("KWD", "0.125"), ("CLF", "0.0001"), ("USD", "99999999999.99")],
)
def test_every_number_of_places_is_kept(currency, amount):
    bill = make_bill(make_household(), currency=currency, expected_amount=Decimal(amount))
    assert Bill.objects.get(pk=bill.pk, expected_amount=Decimal(amount)).expected_amount == Decimal(amount)


@pytest.mark.django_db
def test_a_difference_of_columns_without_a_type_fails_loudly():
    make_bill(make_household())
    for expression in (F("expected_amount") - F("debt_balance"), F("expected_amount") * 2):
        with pytest.raises(FieldError, match="Cannot infer type"):
            list(Bill.objects.annotate(left=expression))
    left = ExpressionWrapper(F("expected_amount") - F("expected_amount"), output_field=MoneyField())
    assert Bill.objects.annotate(left=left).get().left == Decimal(0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "amount"), [("USD", "0.001"), ("JPY", "0.5"), ("KWD", "0.0005"), ("CLF", "0.00001")]
)
def test_a_finer_fraction_is_never_stored(currency, amount):
    with pytest.raises(MoneyError):
        make_bill(make_household(), currency=currency, expected_amount=Decimal(amount))


@pytest.mark.django_db
def test_money_is_never_a_float():
    household = make_household()
    with pytest.raises(MoneyError, match="never a float"), transaction.atomic():
        make_bill(household, expected_amount=0.1)
    with pytest.raises(MoneyError, match="never a float"):
        list(Bill.objects.filter(expected_amount=0.1))
    with pytest.raises(MoneyError, match="never a float"), transaction.atomic():
        Bill.objects.update(expected_amount=0.1)
    assert Bill.objects.count() == 0


@pytest.mark.django_db
def test_a_form_field_reads_what_people_write_and_the_model_checks_the_places():
    bill = make_bill(make_household(), currency="JPY", expected_amount=Decimal(5))
    field = MoneyField().formfield()
    assert field.clean("1.850,5") == Decimal("1850.5")
    with pytest.raises(ValidationError, match="is not an amount"):
        field.clean("12.34.56")
    with pytest.raises(ValidationError, match="too long"):
        field.clean("1" * 41)
    bill.expected_amount = Decimal("0.5")
    with pytest.raises(ValidationError, match="more decimal places than JPY"):
        bill.full_clean()


def test_a_currency_that_does_not_exist_is_refused():
    with pytest.raises(MoneyError, match="'XYZ' is not a currency code"):
        money.places("XYZ")
    with pytest.raises(ValidationError):
        validate_currency("usd")
