"""What tests of sending share: a mail server, and an issued statement with and without its PDF."""

import uuid

import pytest

from billing import services
from billing.models import Contact
from tests.factories import make_client, make_draft, make_office, make_office_user
from tests.notifications.conftest import mail_settings, mailbox  # noqa: F401


@pytest.fixture
def issued(monkeypatch):
    """A statement of a client with one billing recipient; its PDF is a few bytes like no other's."""
    content = b"%PDF-1.7 " + uuid.uuid4().bytes
    monkeypatch.setattr("billing.documents.pdf.pdf_of", lambda *args, **kwargs: content)
    make_office(name="Reyes\r\nBcc: thief@example.org")
    client = make_client(name="Casa Niña")
    Contact.objects.create(client=client, name="J. Tan", email="ap@casa.example", is_billing_recipient=True)
    Contact.objects.create(client=client, name="Nobody", email="other@casa.example")
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    draft = make_draft(client, "2500.00", created_by=biller)
    services.submit_statement(actor=biller, statement=draft)
    return services.issue_statement(actor=reviewer, statement=draft)


@pytest.fixture
def made(issued):
    """The same with its PDF."""
    services.make_documents(source=issued)
    return issued
