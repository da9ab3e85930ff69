"""Arithmetic of exact amounts: one stored form, one rounding, one split.

An amount is a ``Decimal`` in the currency's major unit. In the database it is an integer count
of ten-thousandths, because SQLite compares its decimals as floats, and because one scale fits
every ISO 4217 currency (0, 2, 3 or 4 decimal places).
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from billtracker.core.money.currencies import MINOR_UNITS

STORED_SCALE = 10_000
MAX_AMOUNT = Decimal("99999999999.9999")  # of one entry; sums know no limit
ZERO = Decimal(0)


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
    """Return an entry with exactly the currency's places; a finer fraction or a huge one raises MoneyError.

    Only entries are bounded. A sum may be larger than any entry: ``to_places`` gives it its form.
    """
    if amount.is_finite() and abs(amount) > MAX_AMOUNT:
        raise MoneyError("The amount is too large.")
    return to_places(amount, currency)


def to_places(amount: Decimal, currency: str) -> Decimal:
    """Return any amount, sums among them, with exactly the currency's places; a finer fraction raises."""
    if not amount.is_finite():
        raise MoneyError("The amount is not a number.")
    result = amount.quantize(minor_unit(currency))
    if result != amount:
        raise MoneyError(f"{amount} has more decimal places than {currency} allows ({places(currency)}).")
    return result + ZERO  # minus zero becomes zero


def round_money(amount: Decimal, currency: str) -> Decimal:
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


def totals_by_currency(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Add amounts up per currency, sorted by code; different currencies are never added."""
    totals: dict[str, Decimal] = {}
    for currency, amount in pairs:
        totals[currency] = totals.get(currency, ZERO) + amount
    return dict(sorted(totals.items()))


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
