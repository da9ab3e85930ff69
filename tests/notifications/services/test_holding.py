"""After a restore nothing leaves until an administrator has said what becomes of what waits."""

import pytest

from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from notifications import services
from notifications.models import Message
from notifications.status import enabled_signal
from tests.factories import make_administrator, make_restoration

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(anna, mailbox):
    return services.post(kind="alert", subject="Old news", text="It may have gone out.", user=anna)


def test_nothing_leaves_while_mail_is_held(waiting, mailbox):
    make_restoration()
    result = services.deliver_waiting()
    waiting.refresh_from_db()
    assert (result.sent, result.left, waiting.state, mailbox.mails) == (0, 1, Message.State.WAITING, [])
    assert enabled_signal({"notifications_enabled": True}).level == "warning"


def test_what_waits_is_sent_once_that_was_decided(waiting, mailbox):
    make_restoration()
    assert services.release_held_mail(actor=make_administrator(), withdraw=False) == 1
    assert services.deliver_waiting().sent == 1
    assert len(mailbox.mails) == 1
    assert AuditEntry.objects.get(action="mail.released").changes["mail"] == ["held", "released"]


def test_what_waits_is_taken_back_and_what_comes_later_is_sent(waiting, mailbox, anna):
    make_restoration()
    assert services.release_held_mail(actor=make_administrator(), withdraw=True) == 1
    services.post(kind="alert", subject="New", text="After the restore.", user=anna)
    assert services.deliver_waiting().sent == 1
    waiting.refresh_from_db()
    assert waiting.state == Message.State.WITHDRAWN
    assert [mail["Subject"] for _, mail in mailbox.mails] == ["New"]


def test_two_restores_are_released_together_and_only_once(waiting):
    make_restoration()
    make_restoration()
    services.release_held_mail(actor=make_administrator(), withdraw=False)
    with pytest.raises(DomainError, match="No mail is held"):
        services.release_held_mail(actor=make_administrator(), withdraw=True)
    waiting.refresh_from_db()
    assert waiting.state == Message.State.WAITING
