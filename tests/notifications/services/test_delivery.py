"""Delivery against a real mail server: sent only when accepted, else why not and when again."""

import dataclasses
import datetime as dt

import pytest
from django.utils import timezone

from billtracker.core.models import AuditEntry, Setting
from billtracker.core.settings import runtime_settings
from notifications import services
from notifications.models import Message, Preferences
from notifications.services import delivery
from notifications.services.messages import unsubscribe_token
from notifications.transport import smtp
from notifications.transport.failures import NotSent
from tests import mail_server
from tests.factories import make_channel, make_message, make_user
from tests.mail_server import PASSWORD, USER, scripted_server
from tests.notifications.conftest import point_to

MINUTE = dt.timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("mail_settings")


def deliver(message: Message, now=None) -> Message:
    """Run the post once; returns the message as it is then."""
    services.deliver_waiting(now=now or timezone.now())
    message.refresh_from_db()
    return message


def wait_of(message: Message) -> dt.timedelta | None:
    """How long after its last try the next one comes."""
    return message.next_try_at and message.next_try_at - message.tried_at


def outcome(message: Message) -> tuple:
    return message.state, message.reason, wait_of(message)


# --- accepted ----------------------------------------------------------------------------------
@pytest.mark.parametrize("has_sign_in", [False, True])
@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
def test_mail_is_sent_once_the_server_took_it(security, has_sign_in, certificate):
    runtime_settings.save(None, "smtp_ca_certificate", certificate.pem)
    if has_sign_in:
        runtime_settings.save(None, "smtp_user", USER)
        runtime_settings.save(None, "smtp_password", PASSWORD)
    with mail_server.mail_server(security, certificate, has_sign_in) as box:
        point_to(box.port, security)
        message = deliver(make_message(text="Rent, 100.00 USD", html="<p>Rent</p>"))
        again = deliver(message)
    assert (message.state, message.reason, message.tries_count) == ("sent", "", 1)
    assert message.sent_at is not None
    assert again.tries_count == 1
    ((recipients, mail),) = box.mails
    assert recipients == [message.address]
    assert mail["Message-ID"] == message.message_id
    assert mail["From"] == "BillTracker <bills@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert box.sign_ins == ([USER] if has_sign_in else [])


def test_many_messages_share_one_connection(mailbox):
    messages = [make_message() for _ in range(5)]
    result = services.deliver_waiting()
    assert str(result) == "Sent 5, failed 0, 0 left."
    assert mailbox.connection_count == 1
    assert mailbox.ids == [message.message_id for message in messages]


def test_a_reminder_carries_the_ways_out(mailbox, anna):
    path = f"/notifications/unsubscribe/{unsubscribe_token(anna)}/"
    deliver(make_message(user=anna, unsubscribe_path=path, html="<html><body><p>Rent</p></body></html>"))
    ((_, mail),) = mailbox.mails
    assert mail["List-Unsubscribe"].strip() == f"<http://127.0.0.1:3030{path}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert f"http://127.0.0.1:3030{path}" in text
    assert "http://127.0.0.1:3030/accounts/notifications/" in text
    assert html.index(path) < html.index("</body>")


# --- not accepted ------------------------------------------------------------------------------
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_certificate_nobody_vouches_for_is_refused(security, certificate):
    with mail_server.mail_server(security, certificate) as box:
        point_to(box.port, security)
        message = deliver(make_message())
        assert message.reason.startswith("The mail server's certificate is not trusted: self")
        assert (message.state, wait_of(message), message.is_server_failure) == ("failed", MINUTE, True)
        runtime_settings.save(None, "smtp_accept_any_certificate", True)
        assert deliver(message, timezone.now() + MINUTE).state == "sent"


def test_a_server_without_starttls_gets_nothing_in_the_clear(mailbox):
    point_to(mailbox.port, "starttls")
    words = "The mail server offers no encryption, or no sign-in, of the kind in the settings."
    assert outcome(deliver(make_message())) == ("failed", words, 15 * MINUTE)
    assert mailbox.mails == []


def test_a_certificate_that_is_none_is_named():
    server = dataclasses.replace(smtp.known_server(), ca_certificate="-----BEGIN NONSENSE-----")
    with pytest.raises(NotSent, match="The certificate in the settings cannot be read"):
        smtp.tls_context(server)


def test_a_wrong_password_is_tried_again_slowly_and_by_nobody_else_meanwhile():
    runtime_settings.save(None, "smtp_user", USER)
    runtime_settings.save(None, "smtp_password", "mistyped")
    with mail_server.mail_server(has_sign_in=True) as box:
        point_to(box.port)
        first, second = make_message(), make_message()
        deliver(first)
        services.deliver_waiting()
    second.refresh_from_db()
    assert outcome(first) == ("failed", "535 5.7.8 Authentication credentials invalid", 15 * MINUTE)
    assert (second.state, second.tries_count) == ("waiting", 0)
    assert box.sign_ins in ([USER], [USER, USER])  # one attempt, perhaps by two mechanisms


@pytest.mark.parametrize(
    ("stage", "answer", "wait"),
    [
        ("RCPT", "550 5.1.1 No such user", None),
        ("RCPT", "450 4.2.1 Try later", MINUTE),
        ("MAIL", "553 5.1.8 Sender refused", None),
        ("MAIL", "451 4.7.1 Greylisted", MINUTE),
        ("DATA", "552 5.3.4 Too big", None),
        ("DATA", "451 4.3.0 Local error", MINUTE),
    ],
)
def test_the_server_s_words_and_the_next_try_are_kept(mailbox, stage, answer, wait):
    mailbox.answers[stage] = answer
    message = deliver(make_message())
    assert outcome(message) == ("failed", answer, wait)
    assert (message.is_server_failure, message.handed_over_at, message.sent_at) == (False, None, None)
    mailbox.answers.clear()
    assert deliver(message, timezone.now() + MINUTE).state == ("failed" if wait is None else "sent")


def test_one_refused_message_does_not_stop_the_others(mailbox):
    mailbox.answers["MAIL"] = "451 Later"
    first, second = make_message(), make_message()
    services.deliver_waiting()
    assert {deliver(first).tries_count, deliver(second).tries_count} == {1}


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (mail_server.say_nothing, "The mail server did not answer within 0.3 s."),
        (mail_server.cut_at_once, "The mail server cut the connection."),
        (mail_server.cut_at_data, "The mail server cut the connection."),
        (mail_server.silent_at_data, "The mail server did not answer within 0.3 s."),
    ],
)
def test_a_server_that_hangs_or_hangs_up_is_tried_again_and_the_rest_waits(script, reason, monkeypatch):
    monkeypatch.setattr(smtp, "TIME_OUT", 0.3)
    first, second = make_message(), make_message()
    with scripted_server(script) as port:
        point_to(port)
        assert services.deliver_waiting(now=timezone.now()).left == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert outcome(first) == ("failed", reason, MINUTE)
    assert first.is_server_failure
    assert (second.state, second.tries_count) == ("waiting", 0)


def test_a_closed_port_and_an_unknown_name_are_told_apart():
    point_to(mail_server.free_port())
    assert deliver(make_message()).reason == "The mail server's machine refused the connection."
    runtime_settings.save(None, "smtp_host", "mail.invalid")
    assert deliver(make_message()).reason == "The mail server's name was not found."


def test_a_message_is_given_up_after_ten_tries_each_later_than_the_one_before():
    point_to(mail_server.free_port())
    message, now, waits = make_message(), timezone.now(), []
    while message.next_try_at:
        deliver(message, now)
        waits.append(wait_of(message))
        now = message.next_try_at
    assert waits == [*delivery.WAITS, None]
    assert (message.state, message.tries_count) == ("failed", 10)


def test_it_is_not_tried_again_when_it_would_be_too_old_then():
    point_to(mail_server.free_port())
    message = deliver(make_message(expires_at=timezone.now() + MINUTE / 2))
    assert (message.state, message.next_try_at) == ("failed", None)


# --- what is not tried -------------------------------------------------------------------------
def test_without_a_server_mail_waits_until_it_is_too_old(anna):
    runtime_settings.save(None, "smtp_host", "")
    now = timezone.now()
    message = deliver(make_message(kind="account", text="a link", expires_at=now + MINUTE), now)
    assert (message.state, message.tries_count) == ("waiting", 0)
    deliver(message, now + MINUTE)
    assert (message.state, message.reason, message.text) == ("withdrawn", "It was too old to be sent.", "")


def test_nothing_goes_out_while_notifications_are_off(mailbox):
    runtime_settings.save(None, "notifications_enabled", False)
    assert deliver(make_message()).state == "waiting"
    assert mailbox.mails == []


def test_who_switched_reminders_off_meanwhile_gets_none(mailbox, anna):
    Preferences.objects.create(user=anna, is_reminded_by_mail=False)
    message = deliver(make_message(user=anna))
    assert (message.state, message.reason) == ("withdrawn", "The recipient switched reminders by mail off.")
    assert deliver(make_message(user=make_user(is_active=False))).state == "withdrawn"
    assert deliver(make_message(via="channel", address="")).state == "withdrawn"
    assert mailbox.mails == []


def test_a_lost_key_is_told_and_harms_nobody_else(mailbox, anna, settings):
    lost, channel = make_message(), make_channel(anna)
    by_channel = make_message(via="channel", channel=channel, user=anna, address="")
    runtime_settings.save(None, "smtp_password", "secret")
    settings.ENCRYPTION_KEYS = ["x" * 43 + "="]
    fresh = make_message()
    Message.objects.filter(pk=by_channel.pk).update(text="plain")
    services.deliver_waiting(now=timezone.now())
    lost.refresh_from_db()
    assert outcome(lost) == ("failed", delivery.LOST_TEXT, None)
    by_channel.refresh_from_db()
    fresh.refresh_from_db()
    assert outcome(by_channel) == ("failed", delivery.LOST_ADDRESS, None)
    assert outcome(fresh) == ("failed", smtp.KEY_LOST, 15 * MINUTE)
    Setting.objects.filter(name="smtp_password").delete()
    assert deliver(fresh, timezone.now() + 15 * MINUTE).state == "sent"


def test_the_budget_ends_a_run(mailbox):
    make_message()
    assert services.deliver_waiting(budget=0).left == 1
    assert mailbox.mails == []


# --- after a death -----------------------------------------------------------------------------
def test_what_a_dead_process_had_not_handed_over_is_sent(mailbox):
    message = make_message(state="sending", next_try_at=None, tries_count=1)
    assert deliver(message).state == "sent"
    assert len(mailbox.mails) == 1


def test_what_a_dead_process_was_handing_over_is_never_sent_again(mailbox):
    message = make_message(state="sending", next_try_at=None, handed_over_at=timezone.now(), kind="account")
    assert outcome(deliver(message)) == ("failed", delivery.STOPPED, None)
    assert message.may_have_arrived
    assert message.text == ""
    assert mailbox.mails == []


def test_a_page_s_own_test_is_left_to_it(mailbox):
    now = timezone.now()
    message = make_message(kind="test", state="sending", next_try_at=None, tried_at=now, handed_over_at=now)
    assert deliver(message, now).state == "sending"
    assert deliver(message, now + delivery.TEST_LASTS).state == "failed"


# --- tests and alerts --------------------------------------------------------------------------
def test_a_test_is_sent_at_once_and_tells_the_server_s_words(mailbox, anna):
    assert services.send_test(actor=anna, address="anna@example.org").state == "sent"
    mailbox.answers["RCPT"] = "550 No such user"
    message = services.send_test(actor=anna, address="anna@example.org")
    assert (message.state, message.reason, message.next_try_at) == ("failed", "550 No such user", None)
    assert AuditEntry.objects.filter(action="mail.tested").count() == 2


def test_an_alert_reaches_each_administrator_once(mailbox):
    for name in ("ada", "bob"):
        make_user(username=name, is_superuser=True)
    alert = {"key": "backup:1", "subject": "Backup failed", "sentence": "The backup of today failed."}
    assert [services.alert_administrators(**alert) for _ in range(3)] == [2, 0, 0]
    services.deliver_waiting()
    assert len(mailbox.mails) == 2
