"""When the clock asks, and how much of a day's requests it may use."""

import datetime as dt

import pytest

from banksync.rules.timing import next_sync_at, requests_left


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-21T{text}+00:00")


@pytest.mark.parametrize(("tried", "hours", "following"), [
    ("06:10", 4, "10:10"), ("06:14", 4, "10:10"), ("07:45", 4, "11:10"), ("06:05", 4, "09:10"),
    ("06:12", 0.5, "07:12"), ("06:12", 1.5, "07:40"),
])  # fmt: skip
def test_the_next_sync_is_at_the_connections_minute_and_an_hour_later_at_least(tried, hours, following):
    """Requirement 6"""
    assert next_sync_at(at(tried), 10, dt.timedelta(hours=hours)) == at(following)


def test_a_new_connection_is_asked_at_once():
    """Requirement 6"""
    assert next_sync_at(None, 10, dt.timedelta(hours=4)) is None


@pytest.mark.parametrize(
    ("count", "by_the_clock", "by_hand"), [(0, 20, 24), (19, 1, 5), (20, 0, 4), (30, 0, 0)]
)
def test_four_of_24_requests_are_kept_for_people(count, by_the_clock, by_hand):
    """Requirement 4"""
    assert requests_left(count, is_manual=False) == by_the_clock
    assert requests_left(count, is_manual=True) == by_hand
