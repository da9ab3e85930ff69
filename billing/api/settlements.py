"""The JSON doors to what settles a statement other than cash, and to credit notes."""

from decimal import Decimal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.api.doors import PDF, READERS, Page, may, pdf_answer
from billing.api.statements import statement_or_404
from billing.models import CreditNote, Settlement
from billing.policy import Act
from billing.schemas import statements as schemas
from billtracker.core.api import Id, PageIn, PageOut, give, once, page_of

router = Router()
RECORDERS, VERIFIERS, REVIEWERS = may(Act.RECORD_PAYMENTS), may(Act.VERIFY_PAYMENTS), may(Act.REVIEW)


def settlement_or_404(pk: int) -> Settlement:
    return get_object_or_404(Settlement.objects.select_related("statement"), pk=pk)


def note_or_404(pk: int) -> CreditNote:
    rows = CreditNote.objects.select_related("issued_by").prefetch_related("documents")
    return get_object_or_404(rows, pk=pk)


@router.get("/statements/{pk}/settlements/", response=give(PageOut[schemas.SettlementOut]), auth=READERS)
def list_settlements(request: HttpRequest, pk: Id, page: PageIn = Page):
    """List what settled the statement other than cash, void ones included."""
    rows = statement_or_404(pk).settlements.select_related("statement")
    return page_of(rows, page, schemas.show_settlement)


@router.post("/statements/{pk}/settlements/", response=give(schemas.SettlementOut, 201), auth=RECORDERS)
def settle_statement(request: HttpRequest, pk: Id, payload: schemas.SettlementIn):
    """Settle a part of an issued statement: tax withheld, a bank charge, rounding, or a write-off."""
    owed = statement_or_404(pk)
    fields = payload.dict() | {"amount": Decimal(payload.amount)}
    made = once(request, lambda: services.settle_statement(actor=request.user, statement=owed, **fields))
    return Status(201, schemas.show_settlement(settlement_or_404(made)))


@router.get("/settlements/{pk}/", response=give(schemas.SettlementOut), auth=READERS)
def get_settlement(request: HttpRequest, pk: Id):
    """Give one settlement."""
    return schemas.show_settlement(settlement_or_404(pk))


@router.post("/settlements/{pk}/certificate/", response=give(schemas.SettlementOut), auth=RECORDERS)
def receive_certificate(request: HttpRequest, pk: Id, payload: schemas.CertificateIn):
    """Note the withholding certificate that was pending."""
    row, act = settlement_or_404(pk), services.receive_certificate
    done = once(request, lambda: act(actor=request.user, settlement=row, **payload.dict()))
    return schemas.show_settlement(settlement_or_404(done))


@router.post("/settlements/{pk}/void/", response=give(schemas.SettlementOut), auth=VERIFIERS)
def void_settlement(request: HttpRequest, pk: Id, payload: schemas.VoidIn):
    """Take a settlement back; the statement owes the amount again from that day on."""
    row, act = settlement_or_404(pk), services.void_settlement
    done = once(request, lambda: act(actor=request.user, settlement=row, **payload.dict()))
    return schemas.show_settlement(settlement_or_404(done))


# --- credit notes ------------------------------------------------------------------------------
@router.get("/statements/{pk}/credit-notes/", response=give(PageOut[schemas.CreditNoteOut]), auth=READERS)
def list_credit_notes(request: HttpRequest, pk: Id, page: PageIn = Page):
    """List the statement's credit notes."""
    rows = statement_or_404(pk).credit_notes.select_related("issued_by").prefetch_related("documents")
    return page_of(rows, page, schemas.show_credit_note)


@router.post("/statements/{pk}/credit-notes/", response=give(schemas.CreditNoteOut, 201), auth=REVIEWERS)
def issue_credit_note(request: HttpRequest, pk: Id, payload: schemas.CreditNoteIn):
    """Take back a part of an issued statement by a numbered document."""
    owed, act = statement_or_404(pk), services.issue_credit_note
    fields = payload.dict() | {"amount": Decimal(payload.amount)}
    made = once(request, lambda: act(actor=request.user, statement=owed, **fields))
    return Status(201, schemas.show_credit_note(note_or_404(made)))


@router.get("/credit-notes/{pk}/", response=give(schemas.CreditNoteOut), auth=READERS)
def get_credit_note(request: HttpRequest, pk: Id):
    """Give one credit note."""
    return schemas.show_credit_note(note_or_404(pk))


@router.get("/credit-notes/{pk}/pdf/", response=give(None), auth=READERS, openapi_extra=PDF)
def get_credit_note_pdf(request: HttpRequest, pk: Id):
    """Give the stored PDF of a credit note."""
    return pdf_answer(note_or_404(pk))
