"""The pages of notifications: preferences, channels, the way out, the outbox."""

import logging

import pytest
from django.core import signing

from billtracker.core.models import AuditEntry
from billtracker.core.settings import runtime_settings
from notifications.models import Channel, Message, Preferences
from notifications.services.messages import unsubscribe_token
from tests.factories import make_channel, make_message, make_user
from tests.notifications.conftest import point_to

PAGE = "/accounts/notifications/"
SECRET = "ntfys://planted-user:planted-password@ntfy.example.org/planted-topic"
pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, anna):
    client.force_login(anna)
    return client


@pytest.fixture
def administrator(client):
    user = make_user(username="ada", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


# --- preferences -------------------------------------------------------------------------------
def test_hour_and_zone_are_kept_and_shown(signed_in, anna):
    form = {"is_reminded_by_mail": "on", "hour": "0", "time_zone": "Asia/Kolkata"}
    assert signed_in.post(PAGE, form).status_code == 302
    row = Preferences.objects.get(user=anna)
    assert (row.is_reminded_by_mail, row.hour, row.time_zone) == (True, 0, "Asia/Kolkata")
    assert '<option value="0" selected>00:00</option>' in signed_in.get(PAGE).content.decode()
    assert AuditEntry.objects.filter(action="notifications.changed").count() == 1


def test_an_empty_hour_means_the_usual_one(signed_in, anna):
    runtime_settings.save(None, "reminder_hour", 7)
    assert "The usual hour, 07:00" in signed_in.get(PAGE).content.decode()
    signed_in.post(PAGE, {"hour": "", "time_zone": ""})
    row = Preferences.objects.get(user=anna)
    assert (row.is_reminded_by_mail, row.hour, row.time_zone) == (False, None, "")


@pytest.mark.parametrize(
    "form", [{"hour": "24"}, {"hour": "-1"}, {"hour": "noon"}, {"time_zone": "Mars/Base"}]
)
def test_what_is_no_hour_or_zone_comes_back_with_a_word(signed_in, form):
    assert signed_in.post(PAGE, form).status_code == 422
    assert not Preferences.objects.exists()


# --- channels ----------------------------------------------------------------------------------
def test_an_address_is_kept_encrypted_and_shown_nowhere(signed_in, anna, caplog):
    caplog.set_level(logging.DEBUG)
    page = signed_in.post(f"{PAGE}channels/", {"name": "phone", "address": SECRET}, follow=True)
    assert Channel.objects.get().address == SECRET
    wrong = signed_in.post(f"{PAGE}channels/", {"name": "", "address": SECRET})
    refused = signed_in.post(f"{PAGE}channels/", {"name": "a", "address": f"{SECRET}?template=/etc/passwd"})
    assert (wrong.status_code, refused.status_code) == (422, 422)
    told = [answer.content.decode() for answer in (page, wrong, refused)]
    assert "phone" in told[0]
    assert "planted" not in "".join([*told, caplog.text, str(list(AuditEntry.objects.values()))])


def test_a_test_is_posted_to_one_s_own_channel(signed_in, anna):
    channel = make_channel(anna)
    page = signed_in.post(f"{PAGE}channels/{channel.pk}/test/", follow=True)
    assert "A test is on its way" in page.content.decode()
    message = Message.objects.get()
    assert (message.kind, message.channel, message.via) == ("test", channel, "channel")


def test_a_channel_whose_key_is_lost_asks_to_be_entered_again(signed_in, anna, settings):
    channel = make_channel(anna)
    settings.ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert "remove it and enter it again" in signed_in.get(PAGE).content.decode()
    page = signed_in.post(f"{PAGE}channels/{channel.pk}/test/", follow=True)
    assert "can no longer be read" in page.content.decode()
    signed_in.post(f"{PAGE}channels/{channel.pk}/remove/")
    assert not Channel.objects.exists()


def test_other_people_s_channels_are_not_found(signed_in):
    channel = make_channel(make_user())
    for act in ("test", "remove"):
        assert signed_in.post(f"{PAGE}channels/{channel.pk}/{act}/").status_code == 404


# --- unsubscribing -----------------------------------------------------------------------------
def test_the_link_in_a_mail_asks_first_and_then_switches_off(client, anna):
    path = f"/notifications/unsubscribe/{unsubscribe_token(anna)}/"
    assert "Switch off" in client.get(path).content.decode()
    assert not Preferences.objects.exists()
    client.handler.enforce_csrf_checks = True  # a mail program's own button brings no token
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preferences.objects.get(user=anna).is_reminded_by_mail is False
    assert client.post(path).status_code == 200
    assert AuditEntry.objects.filter(action="notifications.changed").count() == 1


def test_a_link_that_is_not_ours_is_not_found(client, anna):
    token = unsubscribe_token(anna)
    for wrong in (token[:-1], signing.dumps(anna.pk, salt="other"), "x", "x" * 5_000):
        assert client.post(f"/notifications/unsubscribe/{wrong}/").status_code == 404
    anna.delete()
    assert client.get(f"/notifications/unsubscribe/{token}/").status_code == 404


# --- the outbox --------------------------------------------------------------------------------
def test_the_outbox_shows_what_became_of_each_and_not_what_it_says(client, administrator, anna):
    make_message(state="failed", reason="550 No such user", subject="planted", text="planted")
    make_message(via="channel", channel=make_channel(anna), user=anna, address="", subject="planted")
    page = client.get("/admin/mail/").content.decode()
    assert "550 No such user" in page
    assert "ntfy on my phone" in page
    assert "planted" not in page
    assert "550 No such user" not in client.get("/admin/mail/?state=waiting").content.decode()
    assert "550 No such user" in client.get("/admin/mail/?state=nonsense").content.decode()


def test_the_outbox_asks_the_same_number_of_questions_for_fifty(
    client, administrator, anna, django_assert_max_num_queries
):
    for count in (1, 60):
        for _ in range(count):
            make_message(user=anna, channel=make_channel(anna))
        with django_assert_max_num_queries(8):
            client.get("/admin/mail/")


def test_trying_again_and_giving_up(client, administrator):
    message = make_message(state="failed", next_try_at=None)
    client.post(f"/admin/mail/{message.pk}/retry/")
    message.refresh_from_db()
    assert message.state == "waiting"
    client.post(f"/admin/mail/{message.pk}/give-up/")
    message.refresh_from_db()
    assert message.state == "withdrawn"
    page = client.post(f"/admin/mail/{message.pk}/give-up/", follow=True)
    assert "not waiting any more" in page.content.decode()


def test_what_may_have_arrived_needs_a_second_word(client, administrator):
    message = make_message(state="failed", next_try_at=None)
    Message.objects.update(handed_over_at=message.created_at)
    assert "Send it, even twice" in client.get("/admin/mail/").content.decode()
    client.post(f"/admin/mail/{message.pk}/retry/")
    assert Message.objects.get().state == "failed"
    client.post(f"/admin/mail/{message.pk}/retry/", {"twice": "yes"})
    assert Message.objects.get().state == "waiting"


def test_a_test_tells_what_the_server_said(client, administrator, mailbox):
    form = {"address": "ada@example.org"}
    assert "accepted the test" in client.post("/admin/mail/test/", form, follow=True).content.decode()
    mailbox.answers["RCPT"] = "550 5.1.1 No such user"
    assert "550 5.1.1 No such user" in client.post("/admin/mail/test/", form, follow=True).content.decode()
    wrong = client.post("/admin/mail/test/", {"address": "ada@x\r\nBcc: b@c.de"}, follow=True)
    assert "valid email" in wrong.content.decode()


def test_a_password_is_in_no_page_log_or_audit_entry(client, administrator, mailbox, caplog):
    caplog.set_level(logging.DEBUG)
    point_to(mailbox.port)
    runtime_settings.save(administrator, "smtp_user", "postman")
    runtime_settings.save(administrator, "smtp_password", "planted-password")
    page = client.post("/admin/mail/test/", {"address": "ada@example.org"}, follow=True).content.decode()
    assert "The test was not sent" in page
    everything = [
        page,
        caplog.text,
        str(list(AuditEntry.objects.values())),
        str(list(Message.objects.values())),
    ]
    assert "planted" not in "".join(everything)
