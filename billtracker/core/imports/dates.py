"""Dates in files: which of day and month comes first in a whole column."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from billtracker.core.imports.amounts import Guess

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
ORDERS = {DAY_FIRST: "day first (31/01/2026)", MONTH_FIRST: "month first (01/31/2026)"}
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d{2}:\d{2}.*)?")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: \d{1,2}:\d{2}.*)?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[-/ .]+([a-z]{3,9})\.?,?[-/ ]+(\d{4})")
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +")


class DateError(ValueError):
    """The text is no date; the message says so."""


def guess_order(cells: Iterable[str]) -> Guess:
    """Return the order of whole columns; unsure when dates have two readings and none decides."""
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := _NUMBERS.fullmatch(cell.strip()))]
    day_first = sum(first > 12 >= second for first, second in pairs)
    month_first = sum(second > 12 >= first for first, second in pairs)
    has_doubt = any(first != second and max(first, second) <= 12 for first, second in pairs)
    is_sure = not (day_first and month_first) and (bool(day_first or month_first) or not has_doubt)
    return Guess(MONTH_FIRST if month_first > day_first else DAY_FIRST, is_sure)


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the dates of one file."""

    order: str

    def read(self, text: str) -> dt.date:
        """Return the date; year first and named months need no order. Raises DateError."""
        try:
            return dt.date(*self.parts(_WEEKDAY.sub("", text.strip().lower())))
        except (ValueError, KeyError):
            raise DateError(f"{text.strip()[:40]!r} is not a date.") from None

    def parts(self, text: str) -> tuple[int, int, int]:
        if match := _ISO.fullmatch(text):
            return int(match[1]), int(match[2]), int(match[3])
        if match := _NUMBERS.fullmatch(text):
            first, second, year = int(match[1]), int(match[2]), _full_year(match[3])
            return (year, second, first) if self.order == DAY_FIRST else (year, first, second)
        if match := _DAY_NAME.fullmatch(text):
            return int(match[3]), _MONTHS[match[2][:3]], int(match[1])
        if match := _NAME_DAY.fullmatch(text):
            return int(match[3]), _MONTHS[match[1][:3]], int(match[2])
        raise ValueError


def _full_year(text: str) -> int:
    """Return the year; two digits mean 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)
