"""Amounts in files: currency signs, and which sign is the decimal mark of a whole column."""

import re
import unicodedata
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
    "Fr.": ("CHF",), "Rp": ("IDR",), "RM": ("MYR",), "Ft": ("HUF",), "lei": ("RON",), "лв": ("BGN",),
    "руб.": ("RUB",), "руб": ("RUB",), "грн": ("UAH",), "NT$": ("TWD",), "元": ("CNY",), "円": ("JPY",),
    "원": ("KRW",), "Rs.": ("INR", "PKR", "LKR", "NPR", "MUR"), "Rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
}  # fmt: skip
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_CURRENCY = re.compile(rf"(?:({_SIGN})|(?<![A-Za-z])([A-Za-z]{{3}})(?![A-Za-z]))")
_MINUS = re.compile("[\u2212\ufe63\uff0d]")
_BLANKS = re.compile(r"[\s'\u2019]")
# A lone sign with three digits behind and one to three before: a thousand and more, or a fraction?
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_FRACTION = re.compile(r"[+-]?(?:[\d.,]*\d)?([.,])(?!\d{3}$)\d+|[+-]?(?:0*|[1-9]\d{3,})([.,])\d{3}")
# "1,23,456" as India groups it; "1,284,000"; "1.284.000".
_THOUSANDS = re.compile(
    r"[+-]?[1-9]\d?(?:,\d{2})+,\d{3}|[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}|[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}"
)
# "12.-" and "12,–" of price lists: nothing behind the mark.
_NO_CENTS = re.compile(r"[.,][-\u2013\u2014]{1,2}$")


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
    meant = [_currencies_meant(sign, code) for sign, code in found]
    # "$12.50 USD" names one currency twice.
    candidates = [code for code in meant[-1] if all(code in others for others in meant)]
    if not candidates:
        raise MoneyError(f"{text[:40]!r} names more than one currency.")
    return _CURRENCY.sub("", text), home if home in candidates else candidates[0]


def _currencies_meant(sign: str, code: str) -> tuple[str, ...]:
    if code and code.upper() not in MINOR_UNITS:
        raise MoneyError(f"{code!r} is not a currency code such as USD or EUR.")
    return SIGNS[sign] if sign else (code.upper(),)


def currency_named(text: str, home: str) -> str:
    """Return the currency that a cell of a currency column names by code or sign. Raises MoneyError."""
    rest, currency = _split_currency(text.strip(), home)
    if rest.strip() or not text.strip():
        raise MoneyError(f"{text.strip()[:40]!r} is not a currency code such as USD or EUR.")
    return currency


def currency_in_heading(heading: str, home: str) -> str:
    """Return the currency that the heading of a column of amounts names, such as ``Amount (€)``, else ""."""
    for sign, code in _CURRENCY.findall(heading):
        # "Sum" and "Due" have three letters too.
        if sign or (code.isupper() and code in MINOR_UNITS):
            candidates = SIGNS[sign] if sign else (code,)
            return home if home in candidates else candidates[0]
    return ""


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
    return _NO_CENTS.sub("", _CURRENCY.sub("", _plain(text)).strip().strip("()"))


def _plain(text: str) -> str:
    """Return the text with digits of one width and the minus of the keyboard."""
    return _MINUS.sub("-", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class AmountReader:
    """Reads the amounts of one file."""

    mark: str
    home: str

    def read(self, text: str) -> Amount:
        """Return the amount; text that speaks for itself is read as it stands, else by the column's mark.

        ``(12.50)`` and ``12.50-`` are negative. Raises MoneyError.
        """
        number, currency = _split_currency(_plain(text), self.home)
        number = _NO_CENTS.sub("", number.strip())
        negative = False
        if (number.startswith("(") and number.endswith(")")) or number.endswith("-"):
            negative, number = True, number.strip("()- ")
        value = parse(number, currency, decimal_mark=own_mark(number) or self.mark)
        return Amount(-value if negative else value, currency)
