"""Exact money: one stored form, one rounding, one split, one way to write and read an amount.

An amount is a ``Decimal`` in the currency's major unit. In the database it is an integer count
of ten-thousandths, because SQLite compares its decimals as floats, and because one scale fits
every ISO 4217 currency (0, 2, 3 or 4 decimal places).
"""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import cache

from babel.numbers import format_decimal, get_currency_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from billtracker.core.currencies import FINEST_CURRENCY, MINOR_UNITS, currency_choices, validate_currency

STORED_SCALE = 10_000
MAX_AMOUNT = Decimal("99999999999.9999")  # sums of 9,000 such rows still fit in 64 bits
ZERO = Decimal(0)
MINUS = "\u2212"


class MoneyError(ValueError):
    """The text or number is no amount of that currency; the message says why."""


def places(currency: str) -> int:
    """Return how many decimal places the currency has (0, 2, 3 or 4)."""
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        raise MoneyError(f"{currency!r} is not a currency code such as USD or EUR.") from None


@cache
def minor_unit(currency: str) -> Decimal:
    """Return the currency's smallest amount: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-places(currency))


def exact(amount: Decimal, currency: str) -> Decimal:
    """Return ``amount`` with exactly the currency's places; a finer fraction raises MoneyError."""
    if not amount.is_finite():
        raise MoneyError("The amount is not a number.")
    if abs(amount) > MAX_AMOUNT:
        raise MoneyError("The amount is too large.")
    result = amount.quantize(minor_unit(currency))
    if result != amount:
        raise MoneyError(f"{amount} has more decimal places than {currency} allows ({places(currency)}).")
    return result + ZERO  # minus zero becomes zero


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return ``amount`` rounded half-up (away from zero) to the minor unit: the one rounding."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP) + ZERO


def split(amount: Decimal, weights: Sequence[int | Decimal], currency: str) -> list[Decimal]:
    """Divide ``amount`` by ``weights`` into parts of whole minor units that add up exactly.

    Left-over minor units go to the largest remainders, earlier parts first. Weights are not
    negative and not all zero, else MoneyError.
    """
    # Fractions, because a product of two long decimals does not fit in 28 digits.
    shares_of = [Fraction(weight) for weight in weights if Decimal(weight).is_finite()]
    total = sum(shares_of)
    if len(shares_of) < len(weights) or total <= 0 or min(shares_of) < 0:
        raise MoneyError("An amount is split by weights that are not negative and not all zero.")
    unit = minor_unit(currency)
    sign = -1 if amount < 0 else 1
    units = int(abs(exact(amount, currency)) / unit)
    shares = [divmod(units * weight, total) for weight in shares_of]
    parts = [int(share) for share, _ in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [sign * part * unit + ZERO for part in parts]


# --- reading what people and files write -------------------------------------------------------
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019")
_SIGNS = {"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"}
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)?")


def parse(text: str, currency: str, *, decimal_mark: str | None = None) -> Decimal:
    """Read an amount as people write it: ``1,850.00``, ``1.850,00``, ``12,5``, ``-3``.

    With ``decimal_mark`` ("." or ",") the other sign is a thousands mark. Without it the text must
    speak for itself: the last of both signs is the decimal mark, a lone sign is one unless exactly
    three digits follow (``1,284``), which is read as thousands in currencies of two places or
    fewer. A fraction finer than the minor unit, or anything else, raises MoneyError.
    """
    plain = text.strip().translate(_SPACES)
    plain = "".join(_SIGNS.get(char, char) for char in plain)
    if not plain.isascii() or not any(char.isdigit() for char in plain):
        raise MoneyError(f"{text.strip()[:40]!r} is not an amount.")
    mark = decimal_mark or guess_decimal_mark(plain, currency)
    if not (_POINT if mark == "." else _COMMA).fullmatch(plain):
        raise MoneyError(f"{text.strip()[:40]!r} is not an amount.")
    plain = plain.replace(",", "") if mark == "." else plain.replace(".", "").replace(",", ".")
    try:
        return exact(Decimal(plain), currency)
    except InvalidOperation:
        raise MoneyError(f"{text.strip()[:40]!r} is not an amount.") from None


def guess_decimal_mark(text: str, currency: str = "USD") -> str:
    """Return the decimal mark one amount's text speaks for, "." where it could be either."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    if comma < 0 and point < 0:
        return "."
    sign, at = (",", comma) if comma >= 0 else (".", point)
    after = len(text) - at - 1
    other = "." if sign == "," else ","
    if text.count(sign) > 1:
        return other
    if after == 3 and places(currency) < 3:
        # "1,284" is a thousand and more in both writings; "0,125" is no thousand.
        return sign if text.lstrip("+-").startswith("0") or at == 0 else other
    return sign


# --- writing -----------------------------------------------------------------------------------
def to_text(amount: Decimal, currency: str) -> str:
    """Return the amount for machines: ``1850.00``, ``-3.50``, ``1850`` in JPY."""
    return f"{exact(amount, currency):f}"


def to_display(amount: Decimal, currency: str, locale: str = "en_US", *, symbol: bool = True) -> str:
    """Return the amount for people in ``locale``, with a real minus sign and the symbol in front."""
    decimals = "0" * places(currency)
    pattern = f"#,##0.{decimals}" if decimals else "#,##0"
    digits = format_decimal(abs(exact(amount, currency)), format=pattern, locale=locale)
    if symbol:
        sign = get_currency_symbol(currency, locale=locale)
        digits = f"{sign}{digits}" if not sign[-1].isalpha() else f"{sign}\u00a0{digits}"
    return f"{MINUS}{digits}" if amount < 0 else digits


def totals_by_currency(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Add amounts up per currency, sorted by code; different currencies are never added."""
    totals: dict[str, Decimal] = {}
    for currency, amount in pairs:
        totals[currency] = totals.get(currency, ZERO) + amount
    return dict(sorted(totals.items()))


# --- fields ------------------------------------------------------------------------------------
class CurrencyField(models.CharField):
    """An ISO 4217 code in capitals."""

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 3
        kwargs.setdefault("validators", [validate_currency])
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        kwargs.pop("validators", None)
        return name, path, args, kwargs

    def formfield(self, **kwargs):
        kwargs.setdefault("widget", forms.Select(choices=currency_choices()))
        return super().formfield(**kwargs)


class MoneyField(models.Field):
    """An exact amount: an integer of ten-thousandths in the database, a ``Decimal`` in Python.

    ``currency_field`` names the field of the same row that holds the currency; saving a fraction
    finer than that currency's minor unit raises MoneyError. It is no IntegerField on purpose:
    ``F("owed") - F("paid")`` without ``output_field`` then fails loudly instead of answering in
    ten-thousandths.
    """

    description = "An exact amount of money"

    def __init__(self, *args, currency_field: str = "currency", **kwargs):
        self.currency_field = currency_field
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self.currency_field != "currency":
            kwargs["currency_field"] = self.currency_field
        return name, path, args, kwargs

    def get_internal_type(self):
        return "BigIntegerField"

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        if int(value) != value:
            raise MoneyError("The database computed a fraction of the smallest amount.")
        return from_stored(int(value))

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise MoneyError("Money is never a float.")
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            raise ValidationError("%(value)r is not an amount.", params={"value": value}) from None

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_stored(self.to_python(value))

    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        if value is not None and not hasattr(value, "resolve_expression"):
            exact(self.to_python(value), self.currency_of(model_instance))
        return value

    def currency_of(self, instance) -> str:
        """Follow ``currency_field`` (``currency`` or ``payment__currency``) from the row."""
        for name in self.currency_field.split("__"):
            instance = getattr(instance, name)
        return instance

    def clean(self, value, model_instance):
        value = super().clean(value, model_instance)
        currency = self.currency_of(model_instance) if model_instance is not None else None
        # A currency that is none is the currency field's error, not this one's.
        if value is not None and currency in MINOR_UNITS:
            try:
                exact(value, currency)
            except MoneyError as error:
                raise ValidationError(str(error), code="places") from None
        return value

    def value_to_string(self, obj):
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": MoneyFormField, **kwargs})


class QuantityField(MoneyField):
    """An exact quantity of up to four places, kept as money is kept; it has no currency."""

    description = "An exact quantity"

    def currency_of(self, instance) -> str:
        return FINEST_CURRENCY


def to_stored(amount: Decimal) -> int:
    """Return the integer the database keeps; anything finer than that scale raises MoneyError."""
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        raise MoneyError("The amount is too large or not a number.")
    scaled = amount * STORED_SCALE
    if scaled != int(scaled):
        raise MoneyError(f"{amount} has more decimal places than any currency.")
    return int(scaled)


def from_stored(number: int) -> Decimal:
    """Return the amount of a stored integer, with two places at least: ``1850.00``, ``0.125``."""
    amount = Decimal(number) / STORED_SCALE
    return amount.quantize(Decimal("0.01")) if number % 100 == 0 else amount.normalize()


class MoneyFormField(forms.Field):
    """A text field that takes comma and point and gives a ``Decimal``; an empty one gives None.

    With ``currency`` its decimal places count; without, the form or the model's ``clean`` checks them.
    """

    widget = forms.TextInput
    longest = 40

    def __init__(self, *, currency: str = FINEST_CURRENCY, **kwargs):
        self.currency = currency
        super().__init__(**kwargs)

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": str(self.longest)}

    def prepare_value(self, value):
        return f"{value:f}" if isinstance(value, Decimal) else value

    def to_python(self, value):
        text = f"{value or ''}".strip()
        if isinstance(value, Decimal) or not text:
            return value if isinstance(value, Decimal) else None
        if len(text) > self.longest:
            raise ValidationError("This is too long for an amount.", code="max_length")
        try:
            return parse(text, self.currency)
        except MoneyError as error:
            raise ValidationError(str(error), code="invalid") from None
