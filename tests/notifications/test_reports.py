"""Who is reminded by which way, and at which instant."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.settings import runtime_settings
from notifications.models import Preferences
from notifications.reports import Recipient, recipients_of
from tests.factories import make_channel, make_user

DAY = dt.date(2026, 11, 21)


def recipient(zone: str, hour: int) -> Recipient:
    return Recipient("user:1:mail", "Anna", 1, None, "mail", "anna@example.org", zone, hour)


@pytest.mark.parametrize(
    ("zone", "hour", "day", "instant"),
    [
        ("Europe/Berlin", 8, DAY, "2026-11-21 07:00"),
        ("Pacific/Auckland", 8, DAY, "2026-11-20 19:00"),
        ("America/Los_Angeles", 8, DAY, "2026-11-21 16:00"),
        ("Asia/Kolkata", 8, DAY, "2026-11-21 02:30"),
        # Clocks go from 02:00 to 03:00: the first moment after, which is 03:00 there.
        ("Europe/Berlin", 2, dt.date(2026, 3, 29), "2026-03-29 01:00"),
        ("America/Los_Angeles", 2, dt.date(2026, 3, 8), "2026-03-08 10:00"),
        # Two hours at once, from 01:00 to 03:00.
        ("Antarctica/Troll", 2, dt.date(2026, 3, 29), "2026-03-29 01:00"),
        # The clocks go back from 03:00 to 02:00: the first 02:00 of the two.
        ("Europe/Berlin", 2, dt.date(2026, 10, 25), "2026-10-25 00:00"),
        # A day that Samoa left out: its first moment after is the next midnight.
        ("Pacific/Apia", 8, dt.date(2011, 12, 30), "2011-12-30 10:00"),
    ],
)
def test_the_moment_is_the_local_hour_in_utc(zone, hour, day, instant):
    moment = recipient(zone, hour).moment(day)
    assert moment == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert moment.tzinfo is dt.UTC


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Antarctica/Troll"]


@given(st.sampled_from(ZONES), st.integers(0, 23), st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)))
def test_a_day_has_one_moment_at_the_hour_or_right_after_a_gap(zone, hour, day):
    moment = recipient(zone, hour).moment(day)
    local = moment.astimezone(zoneinfo.ZoneInfo(zone))
    assert local.date() == day
    assert local.hour >= hour
    assert recipient(zone, hour).today(moment) == day
    before = (moment - dt.timedelta(seconds=1)).astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    assert before < dt.datetime.combine(day, dt.time(hour))


def test_a_person_is_reminded_by_mail_and_by_each_active_channel(mail_settings, anna):
    channel = make_channel(anna)
    make_channel(anna, name="old", is_active=False)
    mail, phone = recipients_of([anna], time_zone="Europe/Berlin")
    assert (mail.key, mail.name, mail.address) == (f"user:{anna.pk}:mail", "Anna", "anna@example.org")
    assert (mail.time_zone, mail.hour, mail.via) == ("Europe/Berlin", 8, "mail")
    assert (phone.key, phone.name) == (f"user:{anna.pk}:channel:{channel.pk}", "Anna, ntfy on my phone")
    assert (phone.address, phone.via, phone.channel_id) == ("", "channel", channel.pk)


def test_a_person_s_own_hour_and_zone_count(mail_settings, anna):
    Preferences.objects.create(user=anna, hour=0, time_zone="Asia/Kolkata")
    (mail,) = recipients_of([anna], time_zone="Europe/Berlin")
    assert (mail.hour, mail.time_zone) == (0, "Asia/Kolkata")


def test_a_zone_that_no_longer_exists_gives_way_to_the_household_s(mail_settings, anna):
    Preferences.objects.create(user=anna, time_zone="Europe/Atlantis")
    assert recipients_of([anna], time_zone="UTC")[0].time_zone == "UTC"


def test_nobody_gets_mail_who_switched_it_off_or_left_or_has_no_address(mail_settings, anna):
    Preferences.objects.create(user=anna, is_reminded_by_mail=False)
    gone = make_user(is_active=False)
    assert recipients_of([anna, gone, make_user(email="")], time_zone="UTC") == []


def test_without_a_server_or_a_sender_only_channels_are_left(db, anna):
    make_channel(anna)
    runtime_settings.save(None, "smtp_host", "mail.example.org")
    assert [one.via for one in recipients_of([anna], time_zone="UTC")] == ["channel"]


def test_nobody_is_reminded_while_notifications_are_off(mail_settings, anna):
    make_channel(anna)
    runtime_settings.save(None, "notifications_enabled", False)
    assert recipients_of([anna], time_zone="UTC") == []


def test_one_address_for_all_stands_in_for_every_member_s_mail(mail_settings, anna):
    make_channel(anna)
    runtime_settings.save(None, "reminder_recipient", "office@example.org")
    keys = [one.key for one in recipients_of([anna, make_user()], time_zone="UTC")]
    assert keys[0] == "address:office@example.org"
    assert [key.rpartition(":")[0].rpartition(":")[2] for key in keys[1:]] == ["channel"]


def test_the_number_of_queries_does_not_grow_with_the_people(mail_settings, django_assert_num_queries):
    for count in (1, 20):
        people = [make_user() for _ in range(count)]
        for person in people:
            make_channel(person)
        with django_assert_num_queries(7):
            assert len(recipients_of(people, time_zone="UTC")) == 2 * count
