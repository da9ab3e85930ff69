"""The kinds of documents that are issued: register, ledger, PDFs and sending go over this list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.documents import snapshots
from billing.models import Client, CreditNote, Document, Statement

Source = Statement | CreditNote


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What is particular to one kind of numbered document."""

    model: type[Source]
    noun: str  # in the audit log and in ledgers, and the name of Document's foreign key
    label: str
    title: str  # on the document, and in the mail that it is sent with
    sequence: str  # the code of the sequence that gives its numbers
    snapshot: Callable[..., dict]
    client: str  # where its client is, as a lookup
    amount: str  # the field that says how much it changes what the client owes
    ledger_sign: int  # +1 when the client owes more by it
    can_be_void: bool
    page: str
    job: str  # makes its PDF
    mail_sentence: str  # over the head of the snapshot

    def all_numbered(self) -> QuerySet:
        return self.model._default_manager.exclude(number=None)

    def of_client(self, client: Client, currency: str) -> QuerySet:
        return self.all_numbered().filter(**{self.client: client}, currency=currency)

    def client_of(self, source: Any) -> Client:
        for name in self.client.split("__"):
            source = getattr(source, name)
        return source

    def is_void(self, source: Any) -> bool:
        return self.can_be_void and source.state == Statement.State.VOID

    def latest_copy(self, source: Any) -> str:
        """Return which of its PDFs is valid now."""
        return Document.Kind.VOID if self.is_void(source) else Document.Kind.ORIGINAL

    def copies(self, source: Any) -> set[str]:
        """Return the PDFs that it has in the end."""
        return {Document.Kind.ORIGINAL, self.latest_copy(source)}

    def without_pdf(self) -> QuerySet:
        """Return those that lack their PDF or, once void, their stamped copy."""
        made = Document.objects.filter(**{self.noun: OuterRef("pk")})
        missing = Q(~Exists(made.filter(kind=Document.Kind.ORIGINAL)))
        if self.can_be_void:
            is_void = Q(state=Statement.State.VOID)
            missing |= is_void & Q(~Exists(made.filter(kind=Document.Kind.VOID)))
        return self.all_numbered().filter(missing).order_by("pk")

    def mail_words(self, source: Any, head: Mapping) -> tuple[str, str]:
        """Return what the document is called in a mail, and the sentence about it."""
        if self.is_void(source):
            return f"VOID: {self.title}", f"This {self.label.lower()} is void; please disregard it."
        return self.title, self.mail_sentence.format(**head)


STATEMENT = DocumentKind(
    model=Statement,
    noun="statement",
    label="Statement",
    title="Statement of Account",
    sequence="SOA",
    snapshot=snapshots.take_snapshot,
    client="client",
    amount="total",
    ledger_sign=+1,
    can_be_void=True,
    page="billing:statement_detail",
    job="billing.tasks.make_document",
    mail_sentence="Total due: {total_shown} ({currency}), by {due_on}.",
)
CREDIT_NOTE = DocumentKind(
    model=CreditNote,
    noun="credit_note",
    label="Credit note",
    title="Credit Note",
    sequence="CN",
    snapshot=snapshots.of_credit_note,
    client="statement__client",
    amount="amount",
    ledger_sign=-1,
    can_be_void=False,
    page="billing:credit_note_detail",
    job="billing.tasks.make_credit_note_document",
    mail_sentence="It corrects {corrects} by {total_shown}.",
)
KINDS = (STATEMENT, CREDIT_NOTE)


def kind_of(source: Source) -> DocumentKind:
    return next(kind for kind in KINDS if isinstance(source, kind.model))


def kind_numbered_by(code: str) -> DocumentKind:
    """Return the kind that takes its numbers from a sequence; any other sequence is for statements."""
    return next((kind for kind in KINDS if kind.sequence == code), STATEMENT)
