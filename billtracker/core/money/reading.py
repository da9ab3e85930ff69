"""Amounts as people and files write them."""

import re
from decimal import Decimal, InvalidOperation

from billtracker.core.money.amounts import MoneyError, exact, places

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019")
_SIGNS = {"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"}
# "1,23,456.00" is how India groups.
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})+,\d{3}|\d+)?(\.\d+)?")
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
    mark = decimal_mark or _guess_decimal_mark(plain, currency)
    if not (_POINT if mark == "." else _COMMA).fullmatch(plain):
        raise MoneyError(f"{text.strip()[:40]!r} is not an amount.")
    plain = plain.replace(",", "") if mark == "." else plain.replace(".", "").replace(",", ".")
    try:
        return exact(Decimal(plain), currency)
    except InvalidOperation:
        raise MoneyError(f"{text.strip()[:40]!r} is not an amount.") from None


def _guess_decimal_mark(text: str, currency: str = "USD") -> str:
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
