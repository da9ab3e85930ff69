"""A document is made once, stays as it was issued whatever changes later, and is checked when it is read."""

import datetime as dt
import hashlib

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from billing import services, tasks
from billing.documents import pdf
from billing.models import Document, FeeStep, Statement
from billing.rules import dates_in_words
from billing.services import documents
from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed
from tests.billing.samples import PIXEL
from tests.factories import make_client, make_draft, make_engagement, make_office, make_office_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False):
        office = make_office()
        office.logo.save("logo.png", ContentFile(PIXEL))
        yield office


def issue(**overrides) -> Statement:
    draft = make_draft(**overrides)
    services.submit_statement(actor=make_office_user("Biller"), statement=draft)
    return services.issue_statement(actor=make_office_user("Reviewer"), statement=draft)


def test_the_worker_makes_the_pdf_once_with_its_checksum(office):
    issued = issue()
    assert tasks.make_document(issued.pk) == "Made 1 documents."
    assert tasks.make_document(issued.pk) == "Made 0 documents."
    document = Document.objects.get()
    content = services.read_document(document)
    assert content.startswith(b"%PDF")
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (document.sha256, document.size)


def test_nothing_that_changes_after_the_issue_changes_the_document(office, settings, monkeypatch):
    client = make_client(name="Abad & Sons", address="102 Mabini St.")
    engagement = make_engagement(client)
    issued = issue(client=client)
    services.make_documents(source=issued)
    before, page = services.read_document(Document.objects.get()), dict(issued.snapshot)

    client.name, client.address = "Changed Inc.", "Elsewhere"
    client.save()
    office.name, office.time_zone, office.bank_lines = "Another Office", "America/New_York", "Changed"
    office.save()
    office.logo.save("logo.png", ContentFile(PIXEL + b"0"))
    FeeStep.objects.filter(engagement=engagement).update(amount=99)
    settings.LANGUAGE_CODE, settings.TIME_ZONE = "de", "Asia/Tokyo"

    # The template of a later version.
    with monkeypatch.context() as later:
        later.setattr(pdf, "html_of", lambda *args, **kwargs: "<p>Another layout</p>")
        assert pdf.pdf_of(issued.snapshot, logos={}) != before
        assert services.make_documents(source=issued) == []

    again = Statement.objects.get(pk=issued.pk)
    assert services.make_documents(source=again) == []
    document = Document.objects.get()
    content = services.read_document(document)
    assert content == before
    assert hashlib.sha256(content).hexdigest() == document.sha256
    assert again.snapshot == page
    # Rendered anew from the snapshot it would be the same, too: office, client and logo are those of then.
    assert pdf.pdf_of(again.snapshot, logos=documents.logos_of(again.snapshot)) == before


def test_a_void_statement_gets_a_stamped_copy_beside_the_untouched_original(office):
    issued = issue()
    services.make_documents(source=issued)
    original = services.read_document(Document.objects.get())
    void = services.void_statement(actor=make_office_user("Admin"), statement=issued, reason="Wrong fee")
    assert tasks.make_document(void.pk) == "Made 1 documents."
    kinds = {document.kind: services.read_document(document) for document in Document.objects.all()}
    assert kinds["original"] == original
    assert kinds["void"] != original


def test_a_pdf_that_fails_loses_no_number_and_is_made_later(office, monkeypatch):
    issued = issue()
    with monkeypatch.context() as broken:
        broken.setattr(pdf, "pdf_of", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(JobFailed, match="1 could not be made"):
            tasks.make_missing_documents()
    assert Statement.objects.get(pk=issued.pk).number == "SOA-2026-0001"
    assert issue().number == "SOA-2026-0002"
    assert tasks.make_missing_documents() == "Made 2 documents."
    assert tasks.make_missing_documents() == "Made 0 documents."


def test_a_changed_or_missing_file_is_refused_in_words(office):
    issued = issue()
    [document] = services.make_documents(source=issued)
    default_storage.delete(document.path)
    with pytest.raises(DomainError, match="missing"):
        services.read_document(document)
    default_storage.save(document.path, ContentFile(b"%PDF forged"))
    with pytest.raises(DomainError, match="checksum differs"):
        services.read_document(document)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (dt.date(2025, 9, 1), dt.date(2025, 10, 1), "September 2025"),
        (dt.date(2025, 12, 1), dt.date(2026, 1, 1), "December 2025"),
        (dt.date(2025, 2, 1), dt.date(2025, 5, 1), "1 February 2025 – 30 April 2025"),
        (dt.date(2025, 3, 10), dt.date(2025, 4, 1), "10 March 2025 – 31 March 2025"),
        (None, None, ""),
    ],
)
def test_a_period_in_words(start, end, words):
    assert dates_in_words.period_words(start, end) == words
