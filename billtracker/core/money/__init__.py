"""Exact money: one stored form, one rounding, one split, one way to write and read an amount."""

from billtracker.core.money.amounts import (
    MAX_AMOUNT,
    ZERO,
    MoneyError,
    exact,
    from_stored,
    minor_unit,
    places,
    round_money,
    split,
    to_places,
    to_stored,
    totals_by_currency,
)
from billtracker.core.money.fields import CurrencyField, MoneyField, MoneyFormField, QuantityField
from billtracker.core.money.reading import parse
from billtracker.core.money.sums import MoneySum
from billtracker.core.money.writing import to_display, to_number, to_text

__all__ = [
    "MAX_AMOUNT",
    "ZERO",
    "CurrencyField",
    "MoneyError",
    "MoneyField",
    "MoneyFormField",
    "MoneySum",
    "QuantityField",
    "exact",
    "from_stored",
    "minor_unit",
    "parse",
    "places",
    "round_money",
    "split",
    "to_display",
    "to_number",
    "to_places",
    "to_stored",
    "to_text",
    "totals_by_currency",
]
