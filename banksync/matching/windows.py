"""How far from its due date a payment may be."""

import datetime as dt

DAYS_BEFORE = 7
DAYS_AFTER = 10


def window_around(day: dt.date, period_days: int | None) -> tuple[dt.date, dt.date]:
    """Return the first and the last day on which a payment of this due date is looked for.

    Never further than half a period, so that a payment is not taken for that of the next due date.
    """
    half = period_days // 2 if period_days is not None else DAYS_AFTER
    before, after = min(DAYS_BEFORE, half), min(DAYS_AFTER, half)
    return _shift(day, -before), _shift(day, after)


def _shift(day: dt.date, days: int) -> dt.date:
    """Move the day, at most to the first or the last one that there is."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))


def describe_distance(days: int, from_what: str) -> str:
    """Return the sentence for a day that lies ``days`` after ``from_what``."""
    if days == 0:
        return f"On {from_what}"
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"{count} {'after' if days > 0 else 'before'} {from_what}"
