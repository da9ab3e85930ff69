"""Dates in files: which of day and month comes first in a whole column."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from billtracker.core.imports.amounts import Guess

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
ORDERS = {
    DAY_FIRST: "day first (31/01/2026)",
    MONTH_FIRST: "month first (01/31/2026)",
    YEAR_FIRST: "year first (26-01-31)",
}
_NAMES = "january february march april may june july august september october november december".split()
_ISO = re.compile(r"(\d{4})(?:[-/]|\. ?)(\d{1,2})(?:[-/]|\. ?)(\d{1,2})\.?(?:[t ]\d{2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: \d{1,2}:\d{2}.*)?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[-/ .]+([a-z]{3,9})\.?,?[-/ ]+(\d{4}|\d{2})")
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +")


class DateError(ValueError):
    """The text is no date; the message says so."""


def guess_order(cells: Iterable[str]) -> Guess:
    """Return the order of whole columns; unsure when dates have two readings and none decides."""
    texts = [text for cell in cells if _NUMBERS.fullmatch(text := cell.strip())]
    fitting = [order for order in ORDERS if all(_reading(text, order) for text in texts)]
    has_doubt = any(len({_reading(text, order) for order in fitting}) > 1 for text in texts)
    # Where no order fits all, each row says which of its dates is none.
    counts = {order: sum(bool(_reading(text, order)) for text in texts) for order in ORDERS}
    answer = fitting[0] if fitting else max(counts, key=lambda order: counts[order])
    return Guess(answer, is_sure=bool(fitting) and not has_doubt)


def _reading(text: str, order: str) -> dt.date | None:
    try:
        return DateReader(order).read(text)
    except DateError:
        return None


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the dates of one file."""

    order: str

    def read(self, text: str) -> dt.date:
        """Return the date; year first and named months need no order. Raises DateError."""
        try:
            return dt.date(*self.parts(_WEEKDAY.sub("", text.strip().lower())))
        except ValueError:
            raise DateError(f"{text.strip()[:40]!r} is not a date.") from None

    def parts(self, text: str) -> tuple[int, int, int]:
        if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _HAN.fullmatch(text):
            return int(match[1]), int(match[2]), int(match[3])
        if match := _NUMBERS.fullmatch(text):
            return self.in_order(match[1], match[2], match[3])
        if match := _DAY_NAME.fullmatch(text):
            return _full_year(match[3]), _month_named(match[2]), int(match[1])
        if match := _NAME_DAY.fullmatch(text):
            return int(match[3]), _month_named(match[1]), int(match[2])
        raise ValueError

    def in_order(self, first: str, second: str, third: str) -> tuple[int, int, int]:
        """Return year, month and day of three numbers in the file's order."""
        if self.order == YEAR_FIRST:
            return _short_year(first, third), int(second), int(third)
        year = _full_year(third)
        return (year, int(second), int(first)) if self.order == DAY_FIRST else (year, int(first), int(second))


def _month_named(name: str) -> int:
    """Return the month of a name or of its beginning, such as ``nov`` or ``sept``; ValueError for others."""
    for number, month in enumerate(_NAMES, start=1):
        if month.startswith(name):
            return number
    raise ValueError(name)


def _short_year(first: str, third: str) -> int:
    """Return the year of ``26-11-05``; ValueError where the last number is the year beyond doubt."""
    if len(first) != 2 or len(third) != 2:
        raise ValueError(first)
    return _full_year(first)


def _full_year(text: str) -> int:
    """Return the year; two digits mean 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)
