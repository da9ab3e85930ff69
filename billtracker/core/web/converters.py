"""Parts of addresses that are dates."""

import datetime as dt

from billtracker.core.periods import Month


class IsoDateConverter:
    """``2026-11-15`` in an address; anything that is no date is no page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


class MonthConverter:
    """``2026-11`` in an address; months far from any bill are no pages."""

    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> Month:
        month = Month(int(value[:4]), int(value[5:]))
        if not month.is_within_reach:
            raise ValueError(f"{month} is out of reach.")
        return month

    def to_url(self, value: Month | dt.date) -> str:
        return f"{value.year:04d}-{value.month:02d}"
