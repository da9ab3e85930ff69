"""Which days are asked for: none is left out, and no request is longer than providers allow."""

import datetime as dt
from collections.abc import Iterable

from banksync.simplefin.client import Window

DAY = dt.timedelta(days=1)
LONGEST = 90 * DAY  # of one request; today counts as a day
OVERLAP = 5 * DAY  # banks post with dates of some days ago
# Halves of halves of 90 days are seven requests; one more round would use up the quota of a day.
SHORTEST_SPLIT = 30 * DAY


def first_day_of_backfill(today: dt.date, lookback_days: int) -> dt.date:
    """Return the first of so many days, today being the last of them."""
    return today - (lookback_days - 1) * DAY


def first_day_of_routine(synced_on: dt.date, good_days: Iterable[dt.date], today: dt.date) -> dt.date:
    """Return the day from which a routine sync asks: where the connection was last known, with an overlap.

    An account that had no good data for longer, one of ``good_days``, is caught up with as far as one request
    reaches; for a connection that was silent for longer the span is split.
    """
    oldest = min(good_days, default=synced_on)
    caught_up = max(oldest - OVERLAP, today - LONGEST + DAY)
    return min(synced_on - OVERLAP, caught_up)


def split_span(first_day: dt.date, today: dt.date) -> list[Window]:
    """Return the windows from the first day up to now, the oldest first, each within the longest span."""
    windows = []
    start = first_day
    while start + LONGEST <= today:
        windows.append(Window(start, start + LONGEST))
        start += LONGEST
    return [*windows, Window(start)]


def halve(window: Window, today: dt.date) -> list[Window]:
    """Return two halves of a window that the provider cut short; none of one that is short already."""
    end = window.end or today + DAY
    if end - window.start < SHORTEST_SPLIT:
        return []
    middle = window.start + (end - window.start) // 2
    return [Window(window.start, middle), Window(middle, window.end)]
