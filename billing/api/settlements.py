"""JSON API: what settles a statement other than cash, and to credit notes."""

from decimal import Decimal

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import PDF, READERS, Page, may, pdf_answer
from billing.api.schemas import statements as schemas
from billing.api.statements import statement_or_404
from billing.models import CreditNote, Settlement
from billing.rules.policy import Permission
from billtracker.core.web.api import Id, PageIn, PageOut, give, once, page_of

router = Router()
RECORDERS, VERIFIERS, REVIEWERS = (
    may(Permission.RECORD_PAYMENTS),
    may(Permission.VERIFY_PAYMENTS),
    may(Permission.REVIEW),
)


def _settlement_or_404(pk: int) -> Settlement:
    return get_object_or_404(Settlement.objects.select_related("statement"), pk=pk)


def _note_or_404(pk: int) -> CreditNote:
    rows = CreditNote.objects.select_related("issued_by").prefetch_related("documents")
    return get_object_or_404(rows, pk=pk)


@router.get("/statements/{pk}/settlements/", response=give(PageOut[schemas.SettlementOut]), auth=READERS)
def list_settlements(request: OfficeRequest, pk: Id, page: PageIn = Page):
    """List what settled the statement other than cash, void ones included."""
    rows = statement_or_404(pk).settlements.select_related("statement")
    return page_of(rows, page, schemas.show_settlement)


@router.post("/statements/{pk}/settlements/", response=give(schemas.SettlementOut, 201), auth=RECORDERS)
def settle_statement(request: OfficeRequest, pk: Id, payload: schemas.SettlementIn):
    """Settle a part of an issued statement: tax withheld, a bank charge, rounding, or a write-off."""
    owed = statement_or_404(pk)
    fields = payload.dict() | {"amount": Decimal(payload.amount)}
    made = once(request, lambda: services.settle_statement(actor=request.user, statement=owed, **fields))
    return Status(201, schemas.show_settlement(_settlement_or_404(made)))


@router.get("/settlements/{pk}/", response=give(schemas.SettlementOut), auth=READERS)
def get_settlement(request: OfficeRequest, pk: Id):
    """Give one settlement."""
    return schemas.show_settlement(_settlement_or_404(pk))


@router.post("/settlements/{pk}/certificate/", response=give(schemas.SettlementOut), auth=RECORDERS)
def receive_certificate(request: OfficeRequest, pk: Id, payload: schemas.CertificateIn):
    """Note the withholding certificate that was pending."""
    row, act = _settlement_or_404(pk), services.receive_certificate
    done = once(request, lambda: act(actor=request.user, settlement=row, **payload.dict()))
    return schemas.show_settlement(_settlement_or_404(done))


@router.post("/settlements/{pk}/void/", response=give(schemas.SettlementOut), auth=VERIFIERS)
def void_settlement(request: OfficeRequest, pk: Id, payload: schemas.VoidIn):
    """Take a settlement back; the statement owes the amount again from that day on."""
    row, act = _settlement_or_404(pk), services.void_settlement
    done = once(request, lambda: act(actor=request.user, settlement=row, **payload.dict()))
    return schemas.show_settlement(_settlement_or_404(done))


# --- credit notes ------------------------------------------------------------------------------
@router.get("/statements/{pk}/credit-notes/", response=give(PageOut[schemas.CreditNoteOut]), auth=READERS)
def list_credit_notes(request: OfficeRequest, pk: Id, page: PageIn = Page):
    """List the statement's credit notes."""
    rows = statement_or_404(pk).credit_notes.select_related("issued_by").prefetch_related("documents")
    return page_of(rows, page, schemas.show_credit_note)


@router.post("/statements/{pk}/credit-notes/", response=give(schemas.CreditNoteOut, 201), auth=REVIEWERS)
def issue_credit_note(request: OfficeRequest, pk: Id, payload: schemas.CreditNoteIn):
    """Take back a part of an issued statement by a numbered document."""
    owed, act = statement_or_404(pk), services.issue_credit_note
    fields = payload.dict() | {"amount": Decimal(payload.amount)}
    made = once(request, lambda: act(actor=request.user, statement=owed, **fields))
    return Status(201, schemas.show_credit_note(_note_or_404(made)))


@router.get("/credit-notes/{pk}/", response=give(schemas.CreditNoteOut), auth=READERS)
def get_credit_note(request: OfficeRequest, pk: Id):
    """Give one credit note."""
    return schemas.show_credit_note(_note_or_404(pk))


@router.get("/credit-notes/{pk}/pdf/", response=give(None), auth=READERS, openapi_extra=PDF)
def get_credit_note_pdf(request: OfficeRequest, pk: Id):
    """Give the stored PDF of a credit note."""
    return pdf_answer(_note_or_404(pk))
