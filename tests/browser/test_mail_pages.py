"""The pages of notifications in a browser: no fault for axe, and the whole job is done."""

import pytest

from notifications.models import Channel, Message, Preferences
from notifications.services.messages import unsubscribe_token
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import make_channel, make_message, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


@pytest.fixture
def ada(transactional_db):
    """An administrator with a channel, and an outbox with a message in every state."""
    ada = make_user(username="ada", is_superuser=True, is_staff=True)
    channel = make_channel(ada)
    make_message()
    make_message(state="failed", reason="451 4.7.1 Greylisted, please come back in five minutes")
    made = make_message(state="failed", next_try_at=None, reason="The server stopped; it may have arrived.")
    Message.objects.filter(pk=made.pk).update(handed_over_at=made.created_at)
    sent = {"state": "sent", "next_try_at": None, "sent_at": made.created_at}
    make_message(**sent, via="channel", channel=channel, user=ada, address="")
    make_message(state="withdrawn", next_try_at=None, reason="Paid", address=f"{'long' * 15}@example.org")
    return ada


def check(page) -> None:
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def test_the_outbox_is_accessible_at_every_width(any_page, live_server, ada):
    sign_in(any_page, live_server, ada)
    any_page.goto(f"{live_server.url}/admin/mail/")
    any_page.get_by_text("Try again…").click()
    check(any_page)


def test_preferences_and_channels_are_accessible_and_done_by_hand(any_page, live_server, ada):
    sign_in(any_page, live_server, ada)
    any_page.goto(f"{live_server.url}/accounts/notifications/")
    check(any_page)
    any_page.get_by_label("At").select_option("20")
    any_page.get_by_role("button", name="Save").click()
    any_page.get_by_label("Name").fill("tablet")
    any_page.get_by_label("Address").fill("nothing://here")
    any_page.get_by_role("button", name="Add the channel").click()
    check(any_page)
    any_page.get_by_label("Address").fill("ntfys://ntfy.example.org/topic")
    any_page.get_by_role("button", name="Add the channel").click()
    any_page.get_by_text("The channel is added.").wait_for()
    assert Preferences.objects.get(user=ada).hour == 20
    assert Channel.objects.filter(user=ada).count() == 2


def test_the_way_out_needs_no_sign_in(any_page, live_server, ada):
    any_page.goto(f"{live_server.url}/notifications/unsubscribe/{unsubscribe_token(ada)}/")
    check(any_page)
    any_page.get_by_role("button", name="Switch off").click()
    any_page.get_by_text("Reminders are no longer sent").wait_for()
    check(any_page)
    assert not Preferences.objects.get(user=ada).is_reminded_by_mail
