"""Dates and half-open spans of dates; ``today`` is the only clock for dates in the project."""

import calendar
import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The years of anybody's books; a day outside them is a slip of the pen, or a computer's.
FIRST_YEAR, LAST_YEAR = 1970, 2199
FIRST_DAY, LAST_DAY = dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)


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


def _time_zones_of(text: str) -> list[str]:
    """Return the time zones that a person means by ``Manila``, ``new york`` or ``Asia/Manila``.

    Zones of one city that tell the same time are one, under their shortest name.
    """
    plain = "_".join(text.split()).casefold()
    names = [
        name for name in time_zone_names() if plain in (name.casefold(), name.rpartition("/")[2].casefold())
    ]
    by_clock: dict[tuple, str] = {}
    for name in sorted(names, key=len):
        by_clock.setdefault(_offsets(name), name)
    return sorted(by_clock.values())


def _offsets(name: str) -> tuple[dt.timedelta | None, ...]:
    """Return how far a zone's clock is from UTC in the winters and summers of sixty years."""
    zone = zoneinfo.ZoneInfo(name)
    return tuple(dt.datetime(y, m, 1, tzinfo=zone).utcoffset() for y in range(1980, 2040) for m in (1, 7))


class TimeZoneFormField(forms.CharField):
    """A time zone by its name or its city; gives the name, such as ``Asia/Manila``."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value):
        text = super().clean(value)
        zones = _time_zones_of(text)
        if len(zones) > 1:
            raise ValidationError(_("Several time zones have this city: %s. Type one.") % ", ".join(zones))
        if text and not zones:
            raise ValidationError(
                _("Unknown time zone. Type a large city in it, such as Manila or New York.")
            )
        return zones[0] if zones else text


def today(tz: str) -> dt.date:
    """Return the calendar date that the wall clock shows in time zone ``tz`` now."""
    return timezone.now().astimezone(zoneinfo.ZoneInfo(tz)).date()


def is_within_reach(day: dt.date) -> bool:
    """Say whether the day lies in the years that forms, the API, files and addresses take."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def day_in(text: str) -> dt.date | None:
    """Return the day of ``2026-11-21``, None for any other text and for a day out of reach."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_within_reach(day) else None


def _validate_within_reach(day: dt.date) -> None:
    if not is_within_reach(day):
        raise ValidationError(_("This year is out of reach."))


class DayInput(forms.DateInput):
    """The browser's own date picker; the value travels as ISO."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayFormField(forms.DateField):
    """A day within reach, by the browser's own picker."""

    widget = DayInput
    default_validators = [_validate_within_reach]


class DayField(models.DateField):
    """A day that a person gives; migrations know it as a plain DateField, because its column is one."""

    default_validators = [_validate_within_reach]

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": DayFormField, **kwargs})


def within_reach(name: str) -> models.Q:
    """Return the condition that a constraint holds on a day: none, or one of the years that forms take."""
    return models.Q(**{name: None}) | models.Q(**{f"{name}__range": (FIRST_DAY, LAST_DAY)})


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

    @property
    def is_within_reach(self) -> bool:
        return FIRST_YEAR <= self.year <= LAST_YEAR

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
