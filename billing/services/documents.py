"""PDFs of statements and credit notes: made once, stored under their digest, checked when read."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from itertools import chain

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from billing import pdf
from billing.models import CreditNote, Document, Statement
from billtracker.core import audit
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)
Kind = Document.Kind
Source = Statement | CreditNote


def make_documents(*, source: Source) -> list[Document]:
    """Make the PDF of what was issued, and of a void statement also its stamped copy, where missing.

    Safe to run twice and in two processes: the first one counts. Returns what was made. A
    document that cannot be rendered raises; the number is kept and it is tried again.
    """
    if source.snapshot is None:
        return []
    missing = wanted(source) - set(source.documents.values_list("kind", flat=True))
    made = (make_document(source, kind) for kind in sorted(missing))
    return [document for document in made if document]


def wanted(source: Source) -> set[str]:
    is_void = isinstance(source, Statement) and source.state == Statement.State.VOID
    return {Kind.ORIGINAL, Kind.VOID} if is_void else {Kind.ORIGINAL}


def make_document(source: Source, kind: str) -> Document | None:
    """Render and store one document; None when another process was first."""
    snapshot = source.snapshot or {}
    content = pdf.pdf_of(snapshot, logos=logos_of(snapshot), is_void=kind == Kind.VOID)
    digest = hashlib.sha256(content).hexdigest()
    path = f"documents/{digest[:2]}/{digest}.pdf"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    belongs_to = {"statement" if isinstance(source, Statement) else "credit_note": source}
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
    sources: Iterator[Source] = chain(
        without_document().iterator(200), notes_without_document().iterator(200)
    )
    for source in sources:
        try:
            made += len(make_documents(source=source))
        except Exception:
            logger.exception("The PDF of %s %s could not be made", type(source).__name__, source.pk)
            failed += 1
    return made, failed


def without_document() -> QuerySet[Statement]:
    """Return numbered statements that lack their PDF or, once void, their stamped copy."""
    there = Document.objects.filter(statement=OuterRef("pk"))
    original, stamped = Exists(there.filter(kind=Kind.ORIGINAL)), Exists(there.filter(kind=Kind.VOID))
    rows = Statement.objects.numbered().annotate(has_original=original, has_stamped=stamped)
    return rows.filter(Q(has_original=False) | Q(state=Statement.State.VOID, has_stamped=False)).order_by(
        "pk"
    )


def notes_without_document() -> QuerySet[CreditNote]:
    """Return credit notes that lack their PDF."""
    there = Document.objects.filter(credit_note=OuterRef("pk"))
    return CreditNote.objects.filter(~Exists(there)).order_by("pk")


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
