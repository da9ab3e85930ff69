"""Amounts as text, for machines and for people."""

from decimal import Decimal

from babel.numbers import format_decimal, get_currency_symbol

from billtracker.core.money.amounts import places, to_places

MINUS = "\u2212"


def to_text(amount: Decimal, currency: str) -> str:
    """Return the amount for machines: ``1850.00``, ``-3.50``, ``1850`` in JPY."""
    return f"{to_places(amount, currency):f}"


def to_number(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the places of its currency, for the cells of a table that leaves as a file."""
    return Decimal(to_text(amount, currency))


def to_display(amount: Decimal, currency: str, locale: str = "en_US", *, symbol: bool = True) -> str:
    """Return the amount for people in ``locale``, with a real minus sign and the symbol in front."""
    decimals = "0" * places(currency)
    pattern = f"#,##0.{decimals}" if decimals else "#,##0"
    digits = format_decimal(abs(to_places(amount, currency)), format=pattern, locale=locale)
    if symbol:
        sign = get_currency_symbol(currency, locale=locale)
        digits = f"{sign}{digits}" if not sign[-1].isalpha() else f"{sign}\u00a0{digits}"
    return f"{MINUS}{digits}" if amount < 0 else digits
