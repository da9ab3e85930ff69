"""The shapes of statements, what settles them other than cash, and credit notes in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from billing.api.schemas.allocations import AllocationOut, show_allocation
from billing.api.schemas.clients import ClientRef, show_ref
from billing.documents.kinds import Source
from billing.documents.snapshots import plain
from billing.models import CreditNote, Document, Settlement, Statement
from billing.reports.review import version_of
from billtracker.core.money import ZERO, to_text
from billtracker.core.web.api import AmountText, Day, Id, InSchema

StatementKind = Literal["retainer", "special"]
StatementState = Literal["draft", "in_review", "issued", "void"]
SettlementKind = Literal["withholding", "bank_charge", "rounding", "write_off"]


# --- what comes in -----------------------------------------------------------------------------
class LineIn(InSchema):
    """One line; a discount is a line of a negative unit price."""

    description: str = Field(min_length=1, max_length=500)
    quantity: AmountText = "1"
    unit: str = Field("", max_length=20)
    unit_price: AmountText
    engagement: Id | None = None


class StatementFields(InSchema):
    """What is said about a draft beside its lines."""

    issue_date: Day | None = Field(None, description="A proposal; null: the day of issue.")
    due_date: Day | None = Field(None, description="Null: by the client's terms.")
    notes: str = Field("", max_length=2000, description="Printed on the document.")
    internal_notes: str = Field("", max_length=2000, description="Never printed.")


class StatementIn(StatementFields):
    """A special statement to draft; its currency is the client's."""

    client: Id
    lines: list[LineIn] = Field(min_length=1, max_length=500)


class StatementPatch(StatementFields):
    """What to change of a draft; what is left out stays. ``lines`` replaces all of them."""

    lines: list[LineIn] | None = Field(None, min_length=1, max_length=500)


class ReturnIn(InSchema):
    comment: str = Field(min_length=1, max_length=500, description="What is to be mended.")
    seen: str | None = Field(None, max_length=64, description="The version that was looked at.")


class IssueIn(InSchema):
    """The dates of the document; left out, they are as proposed, or today's where the day has passed."""

    issue_date: Day | None = None
    due_date: Day | None = None
    seen: str | None = Field(None, max_length=64, description="The version that was looked at.")


class VoidIn(InSchema):
    reason: str = Field(max_length=500)
    void_date: Day | None = Field(None, description="Null: today.")


class NotesIn(InSchema):
    notes: str = Field(max_length=2000)


class SettlementIn(InSchema):
    """A part of a statement that is settled other than in cash."""

    kind: SettlementKind
    amount: AmountText
    settled_on: Day | None = Field(None, description="Null: today.")
    reason: str = Field(
        "", max_length=500, description="A write-off, or bank charges beyond the office's share, need one."
    )
    certificate_number: str = Field("", max_length=60)
    certificate_date: Day | None = None
    certificate_received_on: Day | None = Field(None, description="Null: pending.")


class CertificateIn(InSchema):
    """A withholding certificate that came."""

    number: str = Field(min_length=1, max_length=60)
    date: Day | None = None
    received_on: Day


class CreditNoteIn(InSchema):
    """A credit note to issue."""

    amount: AmountText
    reason: str = Field(max_length=500, description="Printed on the document.")
    issue_date: Day | None = Field(None, description="Null: today.")


# --- what goes out -----------------------------------------------------------------------------
class DocumentOut(Schema):
    """A stored PDF; the same bytes for ever."""

    kind: Literal["original", "void"]
    sha256: str
    size: int
    made_at: dt.datetime


class LineOut(Schema):
    description: str
    quantity: str
    unit: str
    unit_price: str
    amount: str
    engagement: int | None


class StatementOut(Schema):
    id: int
    client: ClientRef
    kind: StatementKind
    state: StatementState
    number: str | None
    engagement: int | None
    period_start: dt.date | None
    period_end: dt.date | None = Field(description="The first day after the period.")
    currency: str
    total: str
    settled: str
    outstanding: str = Field(description="What an issued statement owes today; others owe nothing.")
    is_dated_ahead: bool = Field(description="Issued with a date ahead of today: it owes nothing until then.")
    issue_date: dt.date | None
    due_date: dt.date | None
    issued_at: dt.datetime | None
    issued_by: str | None
    submitted_by: str | None
    void_date: dt.date | None
    void_reason: str
    replaces: int | None
    replaced_by: int | None
    documents: list[DocumentOut]


class StatementDetailOut(StatementOut):
    """One statement with its lines and what was applied to it."""

    lines: list[LineOut]
    notes: str
    internal_notes: str
    return_comment: str
    version: str = Field(description="Of what a reviewer sees; send it as `seen` to issue just that.")
    allocations: list[AllocationOut]


class SettlementOut(Schema):
    id: int
    statement: int
    kind: SettlementKind
    settled_on: dt.date
    amount: str
    currency: str
    reason: str
    certificate_number: str
    certificate_date: dt.date | None
    certificate_received_on: dt.date | None
    is_certificate_pending: bool
    void_date: dt.date | None
    void_reason: str


class CreditNoteOut(Schema):
    id: int
    statement: int
    number: str
    issue_date: dt.date
    amount: str
    currency: str
    reason: str
    issued_by: str
    issued_at: dt.datetime
    documents: list[DocumentOut]


def _show_document(document: Document) -> dict:
    return {name: getattr(document, name) for name in DocumentOut.model_fields}


def _show_documents(source: Source) -> list[dict]:
    return [_show_document(one) for one in sorted(source.documents.all(), key=lambda one: one.kind)]


def show_statement(statement: Statement) -> dict:
    """Give a statement with its balance, people and prefetched documents."""
    names = ("kind", "state", "number", "period_start", "period_end", "currency", "issue_date", "due_date",
             "issued_at", "void_date", "void_reason")  # fmt: skip
    replacement = getattr(statement, "replaced_by", None)
    outstanding = statement.outstanding if statement.state == Statement.State.ISSUED else ZERO
    return {name: getattr(statement, name) for name in names} | {
        "id": statement.pk,
        "client": show_ref(statement.client),
        "engagement": statement.engagement_id,
        "total": to_text(statement.total, statement.currency),
        "settled": to_text(statement.settled, statement.currency),
        "is_dated_ahead": statement.is_ahead,
        "outstanding": to_text(outstanding, statement.currency),
        "issued_by": statement.issued_by.get_username() if statement.issued_by else None,
        "submitted_by": statement.submitted_by.get_username() if statement.submitted_by else None,
        "replaces": statement.replaces_id,
        "replaced_by": replacement.pk if replacement else None,
        "documents": _show_documents(statement),
    }


def show_detail(statement: Statement) -> dict:
    """Give one statement with everything about it."""
    names = ("notes", "internal_notes", "return_comment")
    rows = statement.allocations.select_related("statement")
    return show_statement(statement) | {name: getattr(statement, name) for name in names} | {
        "lines": [show_line(line, statement.currency) for line in statement.lines.all()],
        "version": version_of(statement),
        "allocations": [show_allocation(row) for row in rows],
    }  # fmt: skip


def show_line(line, currency: str) -> dict:
    return {
        "description": line.description, "quantity": plain(line.quantity), "unit": line.unit,
        "unit_price": to_text(line.unit_price, currency), "amount": to_text(line.amount, currency),
        "engagement": line.engagement_id,
    }  # fmt: skip


def show_settlement(settlement: Settlement) -> dict:
    """Give a settlement whose statement is at hand."""
    fields = {name: getattr(settlement, name, None) for name in SettlementOut.model_fields}
    currency = settlement.statement.currency
    amount = to_text(settlement.amount, currency)
    return fields | {"statement": settlement.statement_id, "amount": amount, "currency": currency}


def show_credit_note(note: CreditNote) -> dict:
    """Give a credit note with its issuer and prefetched documents."""
    fields = {name: getattr(note, name) for name in CreditNoteOut.model_fields}
    return fields | {
        "statement": note.statement_id,
        "amount": to_text(note.amount, note.currency),
        "issued_by": note.issued_by.get_username(),
        "documents": _show_documents(note),
    }
