"""The clock of backups: local times, Sundays, and days on which the clocks change."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.schedule.due_times import last_due, proof_due

UTC = dt.UTC
START = dt.datetime(2020, 1, 1, tzinfo=UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "schedule", "time", "now", "due"), [
    ("UTC", "daily", "02:30", "2026-11-21 02:30", "2026-11-21 02:30"),
    ("UTC", "daily", "02:30", "2026-11-21 02:29", "2026-11-20 02:30"),
    ("Asia/Manila", "daily", "02:30", "2026-11-21 00:00", "2026-11-20 18:30"),
    # 21 November 2026 is a Saturday.
    ("UTC", "weekly", "02:30", "2026-11-21 12:00", "2026-11-15 02:30"),
    ("UTC", "weekly", "02:30", "2026-11-22 02:30", "2026-11-22 02:30"),
    ("America/New_York", "weekly", "23:00", "2026-11-23 03:59", "2026-11-16 04:00"),
    # The hour that spring leaves out, and the one that autumn has twice.
    ("Europe/Berlin", "daily", "02:30", "2026-03-29 12:00", "2026-03-29 01:30"),
    ("Europe/Berlin", "daily", "02:30", "2026-10-25 12:00", "2026-10-25 00:30"),
])  # fmt: skip
def test_the_last_instant_at_which_one_was_due(settings, zone, schedule, time, now, due):
    settings.TIME_ZONE = zone
    assert last_due(schedule, time, at(now)) == at(due)


def test_without_a_schedule_nothing_is_due():
    assert last_due("off", "02:30", at("2026-11-21 12:00")) is None


def test_the_proof_is_of_sunday(settings):
    settings.TIME_ZONE = "UTC"
    assert proof_due(at("2026-11-21 12:00")) == at("2026-11-15 04:30")


@given(
    st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: START + dt.timedelta(minutes=minutes)),
    st.sampled_from(["daily", "weekly"]),
    st.times().map(lambda time: f"{time:%H:%M}"),
)
def test_it_is_always_behind_us_and_never_further_than_a_period(now, schedule, time):
    due = last_due(schedule, time, now)
    longest = dt.timedelta(days=1 if schedule == "daily" else 7, hours=2)
    assert dt.timedelta(0) <= now - due < longest
