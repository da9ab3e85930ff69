"""Amounts in files: currency signs, and which sign is the decimal mark of a whole column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billtracker.core.money import MoneyError, parse
from billtracker.core.money.currencies import MINOR_UNITS

# A sign that several currencies share stands for the household's own where that is one of them,
# else for the first.
SIGNS = {
    "US$": ("USD",), "C$": ("CAD",), "CA$": ("CAD",), "A$": ("AUD",), "NZ$": ("NZD",), "HK$": ("HKD",),
    "S$": ("SGD",), "R$": ("BRL",), "MX$": ("MXN",),
    "$": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP", "TWD"),
    "€": ("EUR",), "£": ("GBP", "EGP", "GIP", "FKP", "SHP"), "¥": ("JPY", "CNY"), "₱": ("PHP",),
    "₹": ("INR",), "₩": ("KRW",), "₽": ("RUB",), "₺": ("TRY",), "₴": ("UAH",), "₪": ("ILS",),
    "₫": ("VND",), "฿": ("THB",), "₦": ("NGN",), "₡": ("CRC",), "₲": ("PYG",), "₸": ("KZT",),
    "₾": ("GEL",), "zł": ("PLN",), "Kč": ("CZK",), "kr": ("SEK", "NOK", "DKK", "ISK"),
    "Fr.": ("CHF",), "Rp": ("IDR",), "RM": ("MYR",),
}  # fmt: skip
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_CURRENCY = re.compile(rf"(?:({_SIGN})|(?<![A-Za-z])([A-Za-z]{{3}})(?![A-Za-z]))")
_BLANKS = re.compile(r"[\s'\u2019]")
# A lone sign with three digits behind and one to three before: a thousand and more, or a fraction?
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_FRACTION = re.compile(r"[+-]?(?:[\d.,]*\d)?([.,])(?!\d{3}$)\d+|[+-]?(?:0*|[1-9]\d{3,})([.,])\d{3}")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}|[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a file states it."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column says about itself; ``is_sure`` False means a person has to answer."""

    answer: str
    is_sure: bool


def _split_currency(text: str, home: str) -> tuple[str, str]:
    """Return the number's text and the currency its sign or code names, else ``home``."""
    found = _CURRENCY.findall(text)
    if not found:
        return text, home
    if len(found) > 1:
        raise MoneyError(f"{text[:40]!r} names more than one currency.")
    sign, code = found[0]
    if code and code.upper() not in MINOR_UNITS:
        raise MoneyError(f"{code!r} is not a currency code such as USD or EUR.")
    candidates = SIGNS[sign] if sign else (code.upper(),)
    return _CURRENCY.sub("", text, count=1), home if home in candidates else candidates[0]


def own_mark(number: str) -> str | None:
    """Return the decimal mark that one number's text shows beyond doubt, or None."""
    plain = _BLANKS.sub("", number)
    if "," in plain and "." in plain:
        return max(",.", key=plain.rfind)
    if _THOUSANDS.fullmatch(plain):
        return "." if "," in plain else ","
    fraction = _FRACTION.fullmatch(plain)
    # "12.34.56" shows nothing: it is no number in either writing.
    return (fraction[1] or fraction[2]) if fraction and plain.count(".") + plain.count(",") == 1 else None


def guess_mark(cells: Iterable[str]) -> Guess:
    """Return the decimal mark of whole columns; unsure when cells have two readings and no others decide.

    Where cells speak for both marks, each of them is read as it stands and only the doubtful ones
    need the answer.
    """
    numbers = [bare_number(cell) for cell in cells if cell]
    marks = [mark for number in numbers if (mark := own_mark(number))]
    answer = "," if marks.count(",") > marks.count(".") else "."
    has_doubt = any(map(is_doubtful, numbers))
    return Guess(answer, is_sure=not has_doubt or len(set(marks)) == 1)


def is_doubtful(text: str) -> bool:
    """Say whether the text is a number with two readings, such as ``1,284``."""
    return bool(_EITHER.fullmatch(_BLANKS.sub("", bare_number(text))))


def bare_number(text: str) -> str:
    return _CURRENCY.sub("", text).strip().strip("()")


@dataclass(frozen=True, slots=True)
class AmountReader:
    """Reads the amounts of one file."""

    mark: str
    home: str

    def read(self, text: str) -> Amount:
        """Return the amount; text that speaks for itself is read as it stands, else by the column's mark.

        ``(12.50)`` and ``12.50-`` are negative. Raises MoneyError.
        """
        number, currency = _split_currency(text, self.home)
        number = number.strip()
        negative = False
        if (number.startswith("(") and number.endswith(")")) or number.endswith(("-", "\u2212")):
            negative, number = True, number.strip("()-\u2212 ")
        value = parse(number, currency, decimal_mark=own_mark(number) or self.mark)
        return Amount(-value if negative else value, currency)
