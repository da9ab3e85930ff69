"""What a server says in words and figures: cleaned, capped, read strictly; odd values are never guessed."""

import datetime as dt
import re
from decimal import Decimal

from billtracker.core.money import MoneyError, exact
from billtracker.core.money.currencies import FINEST_CURRENCY, MINOR_UNITS
from billtracker.core.periods import FIRST_DAY, LAST_DAY
from billtracker.core.text import clean, one_line

LONGEST_ID, LONGEST_ERROR = 255, 300
_AMOUNT = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_EPOCH = re.compile(r"-?[0-9]{1,12}(?:\.0{1,6})?")
_TAG, _LINK = (
    re.compile(r"<[^<>]{0,500}>"),
    re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.)\S*", re.IGNORECASE),
)
_FIRST = int(dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC).timestamp())
_LAST = int(dt.datetime.combine(LAST_DAY, dt.time.max, dt.UTC).timestamp())


def line_of(value: object, longest: int) -> str:
    """Return a text as one clean line of at most so many characters; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    # Cleaning first what is far too long would take as long as the sender likes.
    return one_line(clean(value[: longest * 4]))[:longest].strip()


def id_of(value: object) -> str:
    """Return an id exactly as it was sent; empty for one that is none or cannot be kept as it is."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        return ""
    return value if clean(value) == value and one_line(value) == value else ""


def error_line(value: object) -> str:
    """Return a server's words without markup and links, short enough for a page."""
    plain = line_of(value, LONGEST_ERROR * 4)
    return one_line(_LINK.sub("[link]", _TAG.sub("", plain)))[:LONGEST_ERROR]


def currency_of(value: object) -> str:
    """Return an ISO 4217 code, empty for a currency of the server's own; its address is never asked."""
    code = line_of(value, 3).upper() if isinstance(value, str) and len(value) == 3 else ""
    return code if code in MINOR_UNITS else ""


def amount_of(value: object, currency: str) -> Decimal | None:
    """Return an exact amount of the currency, of four places where it is none of ISO; None for an odd one."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        return None
    try:
        return exact(Decimal(value), currency or FINEST_CURRENCY)
    except MoneyError:
        return None


def balance_text(value: object) -> str:
    """Return a balance as it was sent, empty where it is no number."""
    return value if isinstance(value, str) and _AMOUNT.fullmatch(value) else ""


def moment_of(value: object) -> dt.datetime | None:
    """Return the instant of an epoch, None for 0. Raises ValueError for what is none or out of reach."""
    if value is None:
        return None
    if not isinstance(value, str) or not _EPOCH.fullmatch(value):
        raise ValueError("no epoch")
    seconds = int(value.partition(".")[0])
    if seconds == 0:
        return None
    if not _FIRST <= seconds <= _LAST:
        raise ValueError("out of reach")
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
