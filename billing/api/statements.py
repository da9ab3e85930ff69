"""JSON API: statements: drafts, review, issue, void, and the stored PDF."""

from decimal import Decimal
from typing import Literal

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import PDF, READERS, Page, may, pdf_answer
from billing.api.schemas import statements as schemas
from billing.models import Client, Statement
from billing.models.statements import StatementQuerySet
from billing.reports.office import office_today
from billing.reports.retainer_cycle import parse_month
from billing.reports.statements import StatementFilters, statements_shown
from billing.rules.policy import Permission
from billing.services import LineInput
from billtracker.core.exceptions import DomainError
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, Word, give, once, page_of

router = Router()
DRAFTERS, REVIEWERS = may(Permission.DRAFT), may(Permission.REVIEW)
Detail = schemas.StatementDetailOut

Copy = Query("original", alias="copy")


def _with_facts(found: StatementQuerySet) -> StatementQuerySet:
    """Add what every statement shows: its balance, people, replacement and documents."""
    people = ("client", "issued_by", "submitted_by", "replaced_by")
    return found.with_balance(office_today()).select_related(*people).prefetch_related("documents")


def statement_or_404(pk: int) -> Statement:
    return get_object_or_404(Statement.objects.select_related("client"), pk=pk)


def _show_statement(pk: int) -> dict:
    """Give a statement with its lines, read again."""
    rows = _with_facts(Statement.objects.all()).prefetch_related("lines")
    return schemas.show_detail(get_object_or_404(rows, pk=pk))


# --- reading -----------------------------------------------------------------------------------
@router.get("/statements/", response=give(PageOut[schemas.StatementOut]), auth=READERS)
def list_statements(
    request: OfficeRequest,
    page: PageIn = Page,
    q: Word = "",
    state: schemas.StatementState | None = None,
    client: Id | None = None,
    period: Word = "",
):
    """List statements, the newest first, those in review the oldest first; ``period`` is such as 2026-11."""
    filters = StatementFilters(query=q.strip(), state=state or "", client=client, period=_month_of(period))
    return page_of(_with_facts(statements_shown(filters).defer("snapshot")), page, schemas.show_statement)


def _month_of(text: str):
    """Return the month of the text, None of none."""
    try:
        return parse_month(text) if text else None
    except DomainError as error:
        raise BadInput(error.sentence, "period") from None


@router.get("/statements/{pk}/", response=give(Detail), auth=READERS)
def get_statement(request: OfficeRequest, pk: Id):
    """Give one statement with its lines and what was applied to it."""
    return _show_statement(pk)


@router.get("/statements/{pk}/pdf/", response=give(None), auth=READERS, openapi_extra=PDF)
def get_pdf(request: OfficeRequest, pk: Id, kind: Literal["original", "void"] = Copy):
    """Give the stored PDF of an issued statement, or the stamped copy of a void one."""
    statement = statement_or_404(pk)
    if statement.is_open or (kind == "void" and statement.state != Statement.State.VOID):
        raise Http404
    return pdf_answer(statement, kind)


# --- drafts ------------------------------------------------------------------------------------
@router.post("/statements/", response=give(Detail, 201), auth=DRAFTERS)
def create_statement(request: OfficeRequest, payload: schemas.StatementIn):
    """Draft a special statement."""
    client = Client.objects.active().filter(pk=payload.client).first()
    if client is None:
        raise BadInput("There is no such active client.", "client")
    fields = payload.dict(exclude={"client", "lines"})
    lines = _lines_of(client, payload.lines)
    pk = once(
        request,
        lambda: services.save_draft(actor=request.user, client=client, lines=lines, **fields),
    )
    return Status(201, _show_statement(pk))


@router.patch("/statements/{pk}/", response=give(Detail), auth=DRAFTERS)
def change_statement(request: OfficeRequest, pk: Id, payload: schemas.StatementPatch):
    """Change a draft; ``lines`` replaces all of them."""
    draft = statement_or_404(pk)
    sent = payload.dict(exclude_unset=True, exclude={"lines"})
    names = ("issue_date", "due_date", "notes", "internal_notes")
    fields = {name: sent.get(name, getattr(draft, name)) for name in names}
    lines = _kept_lines(draft) if payload.lines is None else _lines_of(draft.client, payload.lines)
    services.save_draft(actor=request.user, client=draft.client, lines=lines, statement=draft, **fields)
    return _show_statement(pk)


def _lines_of(client: Client, lines: list[schemas.LineIn]) -> list[LineInput]:
    """Return the lines as the service takes them; an engagement is the client's own. One query."""
    engagements = {row.pk: row for row in client.engagements.all()}
    if any(line.engagement and line.engagement not in engagements for line in lines):
        raise BadInput("There is no such engagement of this client.", "lines")
    return [
        LineInput(
            line.description,
            Decimal(line.unit_price),
            Decimal(line.quantity),
            line.unit,
            engagements.get(line.engagement or 0),
        )
        for line in lines
    ]


def _kept_lines(draft: Statement) -> list[LineInput]:
    rows = draft.lines.select_related("engagement")
    return [
        LineInput(row.description, row.unit_price, row.quantity, row.unit, row.engagement) for row in rows
    ]


@router.delete("/statements/{pk}/", response=give(None, 204), auth=DRAFTERS)
def delete_statement(request: OfficeRequest, pk: Id):
    """Delete a draft that was never issued."""
    services.delete_draft(actor=request.user, statement=statement_or_404(pk))
    return Status(204, None)


@router.post("/statements/{pk}/notes/", response=give(Detail), auth=DRAFTERS)
def note_statement(request: OfficeRequest, pk: Id, payload: schemas.NotesIn):
    """Write the internal notes, in every state."""
    found = statement_or_404(pk)
    act = services.note_statement
    return _show_statement(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


# --- review, issue, void -----------------------------------------------------------------------
@router.post("/statements/{pk}/submit/", response=give(Detail), auth=DRAFTERS)
def submit_statement(request: OfficeRequest, pk: Id):
    """Hand a draft to the reviewers."""
    found = statement_or_404(pk)
    return _show_statement(
        once(request, lambda: services.submit_statement(actor=request.user, statement=found))
    )


@router.post("/statements/{pk}/return/", response=give(Detail), auth=REVIEWERS)
def return_statement(request: OfficeRequest, pk: Id, payload: schemas.ReturnIn):
    """Give a submitted draft back with a comment."""
    found, act = statement_or_404(pk), services.return_statement
    return _show_statement(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/issue/", response=give(Detail), auth=REVIEWERS)
def issue_statement(request: OfficeRequest, pk: Id, payload: schemas.IssueIn):
    """Give a submitted draft its number and freeze it."""
    found, act = statement_or_404(pk), services.issue_statement
    return _show_statement(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/void/", response=give(Detail), auth=REVIEWERS)
def void_statement(request: OfficeRequest, pk: Id, payload: schemas.VoidIn):
    """Take an issued statement back; it keeps its number."""
    found, act = statement_or_404(pk), services.void_statement
    return _show_statement(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/reissue/", response=give(Detail, 201), auth=REVIEWERS)
def reissue_statement(request: OfficeRequest, pk: Id):
    """Draft a statement with the content of a void one; both link to each other."""
    found = statement_or_404(pk)
    act = services.reissue_statement
    return Status(201, _show_statement(once(request, lambda: act(actor=request.user, statement=found))))
