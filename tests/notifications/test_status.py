"""Each signal about mail goes through its levels, and none of them tells a name, an address or a subject."""

import datetime as dt

import pytest
from django.utils import timezone

from billtracker.core.process.health import Level
from billtracker.core.settings import runtime_settings
from notifications.models import Message
from notifications.status import status_items
from tests.factories import make_message

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def signal(name: str) -> tuple[Level, str]:
    item = next(item for item in status_items({}) if item.name == name)
    return item.level, item.value


def sent(**overrides) -> Message:
    at = overrides.pop("at", timezone.now())
    return make_message(state="sent", next_try_at=None, sent_at=at, tried_at=at, **overrides)


def failed(**overrides) -> Message:
    fields = {"state": "failed", "tried_at": timezone.now(), "next_try_at": timezone.now() + DAY}
    return make_message(**{**fields, **overrides})


def test_enabled_or_not():
    assert signal("Enabled") == (Level.OK, "Yes")
    runtime_settings.save(None, "notifications_enabled", False)
    assert signal("Enabled") == (Level.OK, "No: nothing is sent at all")


def test_a_server_is_missed_only_when_mail_waits_for_it(mail_settings):
    assert signal("Mail server") == (Level.OK, "Set up")
    runtime_settings.save(None, "smtp_host", "")
    runtime_settings.save(None, "notifications_enabled", False)
    assert signal("Mail server") == (Level.OK, "Not set up: no mail is sent")
    make_message()
    level, words = signal("Mail server")
    assert (level, words[:29]) == (Level.WARNING, "Not set up, and mail waits fo")


@pytest.mark.engines("sqlite", "postgresql")
def test_mail_that_is_switched_on_and_cannot_go_out_is_a_warning(mail_settings):
    """S17"""
    for name in ("smtp_host", "mail_from_address"):
        value = runtime_settings.get(name)
        runtime_settings.save(None, name, "")
        level, words = signal("Mail server")
        assert (level, words[:36]) == (Level.WARNING, "Not set up, so no mail can be sent. ")
        runtime_settings.save(None, name, value)
    assert signal("Mail server")[0] is Level.OK


def test_the_last_test():
    assert signal("Last test") == (Level.OK, "None yet")
    failed(kind="test", tried_at=timezone.now() - MINUTE)
    assert signal("Last test") == (Level.WARNING, "Failed 1 minute ago")
    sent(kind="test")
    assert signal("Last test") == (Level.OK, "Accepted just now")


def test_the_last_send():
    assert signal("Last send") == (Level.OK, "None yet")
    sent(at=timezone.now() - 5 * MINUTE)
    assert signal("Last send") == (Level.OK, "Accepted 5 minutes ago")


def test_failures_are_counted_while_they_matter():
    failed(next_try_at=None, tried_at=timezone.now() - 8 * DAY)
    assert signal("Failed") == (Level.OK, "None")
    failed()
    failed(next_try_at=None)
    words = "1 to be tried again, 1 given up in the last 7 days"
    assert signal("Failed") == (Level.WARNING, words)


def test_what_waits_long_is_a_warning(clock):
    assert signal("Waiting") == (Level.OK, "0 messages are due")
    make_message()
    assert signal("Waiting") == (Level.OK, "1 message is due")
    clock.shift(16 * MINUTE)
    assert signal("Waiting") == (Level.WARNING, "1 message is due, the oldest for 16 minutes")


def test_a_server_that_fails_now_is_an_error_until_it_takes_mail_again():
    assert signal("Last error") == (Level.OK, "None")
    failed(tried_at=timezone.now() - 3 * MINUTE)
    assert signal("Last error") == (Level.OK, "A message failed 3 minutes ago")
    failed(is_server_failure=True, tried_at=timezone.now() - 2 * MINUTE)
    level, words = signal("Last error")
    assert level is Level.ERROR
    assert words.startswith("The mail server does not take mail; last tried 2 minutes ago.")
    sent()
    assert signal("Last error") == (Level.OK, "A message failed 2 minutes ago")


def test_no_signal_tells_whom_or_what_and_each_bad_one_names_a_page(mail_settings):
    planted = {"address": "planted@example.org", "subject": "planted", "reason": "550 <planted@x> unknown"}
    for fields in ({}, {"kind": "test"}, {"is_server_failure": True}, {"next_try_at": None}):
        failed(**planted, **fields)
    items = status_items({})
    assert "planted" not in str(items)
    assert all(item.url for item in items if item.level is not Level.OK)


def test_the_number_of_queries_stays_the_same(django_assert_num_queries, mail_settings):
    for count in (1, 30):
        for _ in range(count):
            failed()
            sent()
            make_message()
        with django_assert_num_queries(8):
            status_items({})
