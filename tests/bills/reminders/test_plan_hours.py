"""Each member hears once, at the hour they chose on their own clock, across every clock change of a year."""

import datetime as dt
import zoneinfo
from collections import defaultdict

import pytest
import time_machine

from bills import services
from notifications.models import Message, Preferences
from tests.bills.conftest import saved_bill
from tests.factories import make_household, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite")]
STEP = dt.timedelta(minutes=5)
ZONES = ("Pacific/Auckland", "Asia/Kolkata", "Europe/Berlin", "America/New_York")
# Two is the hour that a spring takes from three of the zones and that autumn gives to two of them twice.
HOURS = (1, 2, 8)
CHANGES = {
    "New York goes forward": dt.date(2026, 3, 8),
    "Berlin goes forward": dt.date(2026, 3, 29),
    "Auckland goes back": dt.date(2026, 4, 5),
    "Auckland goes forward": dt.date(2026, 9, 27),
    "Berlin goes back": dt.date(2026, 10, 25),
    "New York goes back": dt.date(2026, 11, 1),
}
IN_THE_GAP = {
    ("New York goes forward", "America/New_York", 2),
    ("Berlin goes forward", "Europe/Berlin", 2),
    ("Auckland goes forward", "Pacific/Auckland", 2),
}


@pytest.fixture
def household(monkeypatch):
    """A household in Honolulu whose twelve members live in four zones and chose three hours."""
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_FROM_ADDRESS", "bills@example.org")
    made = make_household(time_zone="Pacific/Honolulu", reminder_lead_days="none")
    for zone in ZONES:
        for hour in HOURS:
            user = make_member(made, make_user(username=f"{zone} {hour}")).user
            Preferences.objects.create(user=user, time_zone=zone, hour=hour)
    return made


def told(day: dt.date) -> dict[str, list[str]]:
    """Return for each member the wall clock times at which the reminder of that day was posted."""
    found = defaultdict(list)
    about = Message.objects.filter(reminders__stage="due", reminders__date=day).select_related("user")
    for message in about.order_by("created_at"):
        zone = zoneinfo.ZoneInfo(message.user.username.split()[0])
        local = message.created_at.astimezone(zone)
        found[message.user.username].append(f"{local:%Y-%m-%d %H:%M}{' again' * local.fold}")
    return dict(found)


@pytest.mark.parametrize("change", CHANGES)
def test_every_five_minutes_over_a_clock_change_each_member_hears_once_at_their_hour(household, change):
    day = CHANGES[change]
    owner = make_member(household, make_user(username="owner", email="")).user
    saved_bill(owner, household, unit="once", start_date=day, today=day - dt.timedelta(days=3))
    # From before midnight in Auckland until every zone's eight o'clock is over.
    now = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(hours=14)
    end = now + dt.timedelta(hours=30)
    with time_machine.travel(now, tick=False) as clock:
        while now <= end:
            clock.move_to(now)
            services.remind_everyone(now=now)
            now += STEP
    expected = {
        f"{zone} {hour}": [f"{day} {3 if (change, zone, hour) in IN_THE_GAP else hour:02}:00"]
        for zone in ZONES
        for hour in HOURS
    }
    assert told(day) == expected
