"""Days and periods as documents of the office write them."""

import datetime as dt

from babel.dates import format_date

LANGUAGE = "en"  # of documents


def day_words(day: dt.date) -> str:
    """Return the day in words: ``1 September 2025``."""
    return format_date(day, "d MMMM y", locale=LANGUAGE)


def period_words(start: dt.date | None, end: dt.date | None) -> str:
    """Return a period in words: ``September 2025``, or its first and last day; empty without one."""
    if start is None or end is None:
        return ""
    last = end - dt.timedelta(days=1)
    if start.day == 1 and (start.year, start.month) == (last.year, last.month) and end.day == 1:
        return format_date(start, "MMMM y", locale=LANGUAGE)
    return f"{day_words(start)} – {day_words(last)}"
