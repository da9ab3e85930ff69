"""Dates and half-open spans of dates; ``today`` is the only clock for dates in the project."""

import calendar
import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone


@lru_cache(maxsize=1)
def time_zone_names() -> tuple[str, ...]:
    """Return every time zone name a person may choose, sorted."""
    return tuple(sorted(n for n in zoneinfo.available_timezones() if "/" in n or n == "UTC"))


def is_time_zone(name: str) -> bool:
    """Say whether ``name`` is an IANA time zone this machine knows."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def today(tz: str) -> dt.date:
    """Return the calendar date that the wall clock shows in time zone ``tz`` now."""
    return timezone.now().astimezone(zoneinfo.ZoneInfo(tz)).date()


def clamped_date(year: int, month: int, day: int) -> dt.date:
    """Return that day of the month, or the month's last day where it is shorter."""
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def month_after(year: int, month: int, months: int) -> tuple[int, int]:
    """Return (year, month) ``months`` later; negative counts backwards."""
    years, index = divmod(month - 1 + months, 12)
    return year + years, index + 1


@dataclass(frozen=True, slots=True)
class Span:
    """The dates from ``start`` (inclusive) to ``end`` (exclusive)."""

    start: dt.date
    end: dt.date

    def __post_init__(self):
        if self.end < self.start:
            raise ValueError(f"A span cannot end ({self.end}) before it starts ({self.start}).")

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[dt.date]:
        return (self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days))

    @property
    def last_day(self) -> dt.date:
        return self.end - dt.timedelta(days=1)

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written 2026-11."""

    year: int
    month: int

    def __post_init__(self):
        # dt.date has no year 0 or 10000, and the month after must exist too.
        if not (1 <= self.year <= 9998 and 1 <= self.month <= 12):
            raise ValueError(f"{self.year}-{self.month} is not a month.")

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def span(self) -> Span:
        return Span(self.first_day, self.next.first_day)

    @property
    def next(self) -> "Month":
        return Month(*month_after(self.year, self.month, 1))

    @property
    def previous(self) -> "Month":
        return Month(*month_after(self.year, self.month, -1))
