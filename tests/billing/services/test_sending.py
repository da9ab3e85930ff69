"""Documents by mail, over a real mail server: the stored bytes, the true state, once at a time."""

import datetime as dt
import hashlib
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from billing import services
from billing.models import Contact, Sequence
from billing.reports.sending import deliveries_of
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from notifications import services as post_office
from notifications.models import Message
from tests.factories import make_office_user

pytestmark = pytest.mark.django_db


def by(role="Biller"):
    return make_office_user(role)


def state_of(source) -> list[tuple]:
    return [(row.address, row.state, row.reason) for row in deliveries_of(source)]


def attached(mail) -> bytes:
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "application/pdf"
    return part.get_content()


def test_the_stored_bytes_arrive_and_only_then_it_is_called_sent(made, mailbox):
    services.send_document(actor=by(), source=made)
    assert state_of(made) == [("ap@casa.example", "waiting", "")]
    post_office.deliver_waiting()
    assert state_of(made) == [("ap@casa.example", "sent", "")]
    ((recipients, mail),) = mailbox.mails
    assert recipients == ["ap@casa.example"]
    document = made.documents.get()
    assert hashlib.sha256(attached(mail)).hexdigest() == document.sha256
    assert (mail["Bcc"], mail["To"]) == (None, "ap@casa.example")
    assert mail["Subject"] == f"Statement of Account {made.number} from Reyes Bcc: thief@example.org"
    entry = AuditEntry.objects.get(action="statement.mail_requested")
    assert entry.changes["recipients"] == [None, ["ap@casa.example"]]


def test_sent_again_it_is_the_same_bytes_even_after_the_template_changed(made, mailbox, monkeypatch):
    for _time in range(2):
        services.send_document(actor=by(), source=made)
        post_office.deliver_waiting()
        monkeypatch.setattr("billing.documents.pdf.pdf_of", lambda *args, **kwargs: b"another look")
    first, second = (attached(mail) for _to, mail in mailbox.mails)
    assert first == second == services.read_document(made.documents.get())
    assert len(set(mailbox.ids)) == 2


def test_what_the_server_refuses_is_shown_as_failed_in_its_words(made, mailbox):
    mailbox.answers["RCPT"] = "550 No such user here"
    services.send_document(actor=by(), source=made)
    post_office.deliver_waiting()
    assert state_of(made) == [("ap@casa.example", "failed", "550 No such user here")]


def test_a_server_that_is_busy_is_asked_again_and_the_next_try_is_known(made, mailbox):
    mailbox.answers["DATA"] = "451 Later"
    services.send_document(actor=by(), source=made)
    post_office.deliver_waiting()
    (row,) = deliveries_of(made)
    assert (row.state, row.next_try_at is not None) == ("failed", True)
    with pytest.raises(DomainError, match="on its way"):
        services.send_document(actor=by(), source=made)
    mailbox.answers.clear()
    post_office.deliver_waiting(now=timezone.now() + dt.timedelta(minutes=5))
    assert state_of(made) == [("ap@casa.example", "sent", "")]
    assert attached(mailbox.mails[0][1]) == services.read_document(made.documents.get())


def test_two_recipients_have_a_state_each(made, mailbox):
    services.send_document(actor=by(), source=made, addresses=["a@x.example", "B@x.example", "A@X.example "])
    assert sorted(address for address, _state, _why in state_of(made)) == ["A@X.example", "B@x.example"]


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_file_that_is_not_what_was_stored_is_never_sent(made, mailbox, harm):
    services.send_document(actor=by(), source=made)
    path = made.documents.get().path
    default_storage.delete(path)
    if harm == "changed":
        default_storage.save(path, ContentFile(b"%PDF forged"))
    post_office.deliver_waiting()
    ((_address, state, reason),) = state_of(made)
    assert (state, mailbox.mails) == ("failed", [])
    assert "missing" in reason or "checksum" in reason
    with pytest.raises(DomainError):
        services.send_document(actor=by(), source=made)


@pytest.mark.usefixtures("mail_settings")
def test_while_there_is_no_pdf_nothing_is_posted(issued):
    with pytest.raises(DomainError, match="no PDF"):
        services.send_document(actor=by(), source=issued)
    assert not Message.objects.exists()


def test_without_a_mail_server_nothing_is_posted(made):
    with pytest.raises(DomainError, match="No mail server"):
        services.send_document(actor=by(), source=made)
    assert not Message.objects.exists()


@pytest.mark.usefixtures("mail_settings")
@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example,c@d.example", "nobody"])
def test_one_address_that_is_none_posts_nothing_at_all(made, address):
    with pytest.raises(DomainError, match="no mail address"):
        services.send_document(actor=by(), source=made, addresses=["fine@x.example", address])
    assert not Message.objects.exists()
    assert not AuditEntry.objects.filter(action="statement.mail_requested").exists()


@pytest.mark.usefixtures("mail_settings")
def test_a_client_without_recipients_is_told_so(made):
    Contact.objects.update(is_billing_recipient=False)
    with pytest.raises(DomainError, match="Nobody at the client"):
        services.send_document(actor=by(), source=made)


@pytest.mark.usefixtures("mail_settings")
def test_a_viewer_sends_nothing(made):
    with pytest.raises(NotAllowed):
        services.send_document(actor=by("Viewer"), source=made)


def test_a_credit_note_goes_out_too(made, mailbox):
    Sequence.objects.get_or_create(code="CN", defaults={"prefix": "CN"})
    note = services.issue_credit_note(
        actor=by("Reviewer"), statement=made, amount=Decimal("10.00"), reason="An hour too many"
    )
    services.make_documents(source=note)
    services.send_document(actor=by(), source=note)
    post_office.deliver_waiting()
    ((_to, mail),) = mailbox.mails
    assert mail["Subject"].startswith(f"Credit Note {note.number}")
    assert hashlib.sha256(attached(mail)).hexdigest() == note.documents.get().sha256
    assert deliveries_of(made).count() == 0


def test_a_void_statement_goes_out_as_its_stamped_copy(made, mailbox):
    void = services.void_statement(actor=by("Reviewer"), statement=made, reason="Wrong client")
    services.make_documents(source=void)
    services.send_document(actor=by(), source=void)
    (message,) = deliveries_of(void)
    assert message.about == f"billing.document:{void.documents.get(kind='void').pk}"
    assert message.subject.startswith("VOID")
