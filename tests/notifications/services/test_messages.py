"""Posting: what may stand in a message, what may not, and what wakes the worker."""

import datetime as dt
from email import policy
from email.parser import BytesParser

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django_q.models import OrmQ
from hypothesis import given, settings
from hypothesis import strategies as st

from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from notifications import services
from notifications.mail_backend import OutboxBackend
from notifications.models import Message
from notifications.transport.mail_message import letter
from notifications.transport.plain_text import block, one_line
from tests.factories import make_channel, make_message, make_user
from tests.notifications.conftest import NOON

HOSTILE = [
    "Rent\r\nBcc: thief@example.org",
    "Rent\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "\u202eRent\u2066 \u200f",
    "Rent\x00\x1b[31m\x7f\u2028\u2029",
    "R" * 10_000,
    "Miete 🏠👨\u200d👩\u200d👧 für Größe",
    "=?utf-8?q?Bcc=3A?= thief@example.org",
    "lone \ud800 surrogate",
    "",
]


def post(**overrides) -> Message:
    fields = {"kind": "reminder", "subject": "Rent", "text": "Rent", "address": "anna@example.org"}
    return services.post(**{**fields, **overrides})


def parsed(message: Message, from_name="BillTracker"):
    made = letter(message, from_address="bills@example.org", from_name=from_name).message()
    return BytesParser(policy=policy.default).parsebytes(made.as_bytes(linesep="\r\n"))


def check_structure(mail) -> None:
    """The mail has our headers once, one recipient, and two parts, whatever it says."""
    names = sorted(name.lower() for name in mail.keys())  # noqa: SIM118 (a mail repeats its keys)
    assert names == [
        "auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to",
    ]  # fmt: skip
    assert [one.addr_spec for one in mail["To"].addresses] == ["anna@example.org"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["bills@example.org"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_change_nothing_in_the_structure(db, words):
    mail = parsed(post(subject=words, text=words, html="<p>Rent</p>"), from_name=words)
    check_structure(mail)
    assert len(mail["Subject"].strip()) <= 200
    assert not set(mail["Subject"]) & set("\r\n\x00\x1b\u202e\u2066\u200f\u2028")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_no_words_at_all_change_the_structure(words):
    made = Message(
        message_id="<1@example.org>",
        address="anna@example.org",
        subject=one_line(words, 200),
        text=block(words),
        html="<p>Rent</p>",
        created_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    )
    check_structure(parsed(made, from_name=words))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "a@b.org, c@d.org",
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org\x00",
        "Anna <a@b.org>",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 60}.org",
    ],
)
def test_an_address_that_is_none_or_several_is_refused(db, address):
    with pytest.raises(DomainError, match="no mail address"):
        post(address=address)
    assert Message.objects.count() == 0


def test_the_same_key_is_posted_once(db):
    first = post(once_key="backup:1")
    assert post(once_key="backup:1", subject="Again") == first
    assert Message.objects.get().subject == "Rent"
    assert post() != post()


def test_a_rollback_takes_the_message_and_the_job_back(db):
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert (Message.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_the_first_that_waits_wakes_the_worker_for_all(db):
    for _ in range(5):
        post()
    assert OrmQ.objects.count() == 1


def test_the_date_and_the_id_are_those_of_the_first_try(db, clock):
    message = post()
    clock.shift(dt.timedelta(days=1))
    mail = parsed(message)
    assert (mail["Message-ID"], str(mail["Date"])) == (message.message_id, "Sat, 21 Nov 2026 12:00:00 +0000")


# --- Django's own mail -------------------------------------------------------------------------
@pytest.fixture
def outbox(db, settings):
    settings.EMAIL_BACKEND = "notifications.mail_backend.OutboxBackend"


def test_a_link_to_a_new_password_goes_through_the_outbox(client, outbox, clock):
    make_user(email="anna@example.org")
    client.post("/accounts/password/reset/", {"email": "anna@example.org"})
    message = Message.objects.get()
    assert (message.kind, message.address) == ("account", "anna@example.org")
    assert "/password/reset/key/" in message.text
    assert message.expires_at - message.created_at == dt.timedelta(hours=1)


def test_its_text_is_gone_once_it_is_sent(outbox, mailbox):
    django_mail.send_mail("New password", "the link", "a@b.org", ["anna@example.org"], html_message="<p>")
    services.deliver_waiting()
    message = Message.objects.get()
    assert (message.state, message.text, message.html) == ("sent", "", "")
    ((_, mail),) = mailbox.mails
    assert mail.get_body(("plain",)).get_content().strip() == "the link"


def test_an_unusable_address_is_an_error_unless_it_may_fail_silently(db):
    mail = django_mail.EmailMessage("New password", "the link", to=["nobody"])
    assert OutboxBackend(fail_silently=True).send_messages([mail]) == 0
    with pytest.raises(DomainError):
        OutboxBackend().send_messages([mail])


# --- administrators and time -------------------------------------------------------------------
def test_a_failed_message_is_tried_again_with_all_its_tries(db, anna):
    message = make_message(state="failed", next_try_at=None, tries_count=10, reason="451 Later")
    message = services.retry_message(actor=anna, message=message)
    assert (message.state, message.tries_count) == ("waiting", 0)
    assert AuditEntry.objects.get(action="message.retried").target_name == f"message {message.pk} (reminder)"


def test_what_may_have_arrived_is_not_sent_again_without_a_word(db, anna, clock):
    message = make_message(state="failed", next_try_at=None)
    Message.objects.update(handed_over_at=message.created_at)
    with pytest.raises(DomainError, match="may have arrived"):
        services.retry_message(actor=anna, message=message)
    assert services.retry_message(actor=anna, message=message, may_arrive_twice=True).state == "waiting"


@pytest.mark.parametrize("fields", [{}, {"state": "failed", "next_try_at": None, "text": ""}])
def test_what_did_not_fail_or_is_empty_is_not_tried_again(db, anna, fields):
    with pytest.raises(DomainError):
        services.retry_message(actor=anna, message=make_message(**fields))


def test_giving_up_ends_what_waits_and_nothing_else(db, anna):
    message = make_message()
    services.give_up_message(actor=anna, message=message)
    message.refresh_from_db()
    assert (message.state, message.next_try_at) == ("withdrawn", None)
    with pytest.raises(DomainError, match="not waiting"):
        services.give_up_message(actor=anna, message=message)


def test_what_ended_90_days_ago_goes(db, clock):
    long_ago = NOON - dt.timedelta(days=91)
    sent = {"state": "sent", "next_try_at": None, "sent_at": long_ago}
    make_message(created_at=long_ago, **sent)
    make_message(created_at=long_ago, state="withdrawn", next_try_at=None)
    kept = [make_message(created_at=long_ago), make_message(**sent)]
    fresh = make_message(kind="account", **sent)
    assert services.trim_messages() == {"messages": 2}
    assert set(Message.objects.all()) == {*kept, fresh}
    fresh.refresh_from_db()
    assert fresh.text == ""


# --- channels ----------------------------------------------------------------------------------
def test_a_channel_is_kept_without_its_address_in_the_audit_log(db, anna):
    channel = services.add_channel(actor=anna, name="phone", address=" ntfys://ntfy.sh/planted-topic ")
    assert (channel.service, channel.address) == ("ntfy", "ntfys://ntfy.sh/planted-topic")
    assert "planted" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/hook",
        "file:///etc/passwd",
        "mailto://a:b@example.org",
        "json://localhost",
        "ntfys://",
        "discord://1/2?template=/etc/passwd",
        "ntfy://h/t?attach=/etc/passwd",
        "gotify://h/t?rto=999",
        "ntfy://h/t\r\nX: y",
        "tgram://x",
        "",
        "script://x",
    ],
)
def test_an_address_of_no_service_or_with_a_trap_is_refused(db, anna, address):
    with pytest.raises(DomainError):
        services.add_channel(actor=anna, name="phone", address=address)


def test_ten_channels_are_enough(db, anna):
    for number in range(10):
        make_channel(anna, name=str(number))
    with pytest.raises(DomainError, match="Remove one first"):
        services.add_channel(actor=anna, name="phone", address="ntfys://ntfy.sh/topic")


def test_removing_a_channel_takes_back_what_was_to_go_there(db, anna):
    channel = make_channel(anna)
    services.try_channel(actor=anna, channel=channel)
    services.remove_channel(actor=anna, channel=channel)
    services.deliver_waiting()
    assert Message.objects.get().state == "withdrawn"
