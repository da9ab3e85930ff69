"""When a connection is asked by the clock: at its own minute, so that not everybody asks at the full hour."""

import datetime as dt

HOUR = dt.timedelta(hours=1)
SHORTEST_PAUSE = HOUR  # between two syncs by the clock, whatever the interval
DAY = dt.timedelta(days=1)
BUDGET, KEPT_FOR_PEOPLE = 24, 4  # requests in a rolling day: all of them, and those the clock leaves


def next_sync_at(tried_at: dt.datetime | None, minute: int, interval: dt.timedelta) -> dt.datetime | None:
    """Return the next moment by the clock, None for at once.

    It is counted from the connection's minute before the last try, so that delays do not add up.
    """
    if tried_at is None:
        return None
    slot = tried_at.replace(minute=minute, second=0, microsecond=0)
    if slot > tried_at:
        slot -= HOUR
    return max(
        slot + max(interval, SHORTEST_PAUSE), tried_at.replace(second=0, microsecond=0) + SHORTEST_PAUSE
    )


def requests_left(count: int, *, is_manual: bool) -> int:
    """Return how many requests are left after ``count`` in the last 24 hours."""
    return max(0, (BUDGET if is_manual else BUDGET - KEPT_FOR_PEOPLE) - count)
