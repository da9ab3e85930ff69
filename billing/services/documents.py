"""PDFs of statements and credit notes: made once, stored under their digest, checked when read."""

import hashlib
import logging
from collections.abc import Mapping
from itertools import chain

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.documents import pdf
from billing.documents.kinds import KINDS, Source, kind_of
from billing.models import Document
from billtracker.core import audit
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)
Kind = Document.Kind


def make_documents(*, source: Source) -> list[Document]:
    """Make the PDF of what was issued, and of a void statement also its stamped copy, where missing.

    Safe to run twice and in two processes: the first one counts. Returns what was made. A
    document that cannot be rendered raises; the number is kept and it is tried again.
    """
    if source.snapshot is None:
        return []
    missing = kind_of(source).copies(source) - set(source.documents.values_list("kind", flat=True))
    made = (make_document(source, kind) for kind in sorted(missing))
    return [document for document in made if document]


def make_document(source: Source, kind: str) -> Document | None:
    """Render and store one document; None when another process was first."""
    snapshot = source.snapshot or {}
    content = pdf.pdf_of(snapshot, logos=logos_of(snapshot), is_void=kind == Kind.VOID)
    digest = hashlib.sha256(content).hexdigest()
    path = f"documents/{digest[:2]}/{digest}.pdf"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    belongs_to = {kind_of(source).noun: source}
    try:
        with transaction.atomic():
            document = Document.objects.create(
                kind=kind, path=path, sha256=digest, size=len(content), made_at=timezone.now(), **belongs_to
            )
            audit.record(None, "document.made", document, {"sha256": [None, digest], "kind": [None, kind]})
    except IntegrityError:
        return None
    return document


def logos_of(snapshot: Mapping) -> dict[str, bytes]:
    """Return the pictures that the snapshot names, as they were when it was taken."""
    logos = {}
    for who in ("office", "client"):
        if path := snapshot[who]["logo"]:
            with default_storage.open(path) as file:
                logos[who] = file.read()
    return logos


def make_missing_documents() -> tuple[int, int]:
    """Make every document that is missing; returns (made, failed). One failure stops no other."""
    made = failed = 0
    for source in chain.from_iterable(kind.without_pdf().iterator(200) for kind in KINDS):
        try:
            made += len(make_documents(source=source))
        except Exception:
            logger.exception("The PDF of %s %s could not be made", type(source).__name__, source.pk)
            failed += 1
    return made, failed


def read_document(document: Document) -> bytes:
    """Return the stored bytes; DomainError when the file is gone or is not what was stored."""
    try:
        with default_storage.open(document.path) as file:
            content = file.read()
    except OSError:
        raise DomainError(
            "The stored file is missing. Restore it from a backup; the record with its checksum is unharmed."
        ) from None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DomainError(
            "The stored file is not the one that was issued: its checksum differs.", code="changed"
        )
    return content
