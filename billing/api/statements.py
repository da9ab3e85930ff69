"""The JSON doors to statements: drafts, review, issue, void, and the stored PDF."""

from decimal import Decimal
from typing import Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from billing import services
from billing.api.doors import PDF, READERS, Page, may, pdf_answer
from billing.models import Client, Statement
from billing.policy import Act
from billing.reports.balances import with_balance
from billing.reports.cycle import parse_month
from billing.reports.statements import StatementFilters, statements_shown
from billing.schemas import statements as schemas
from billing.services import LineInput
from billtracker.core.api import BadInput, Id, PageIn, PageOut, Word, give, once, page_of
from billtracker.core.exceptions import DomainError

router = Router()
DRAFTERS, REVIEWERS = may(Act.DRAFT), may(Act.REVIEW)
Detail = schemas.StatementDetailOut

Copy = Query("original", alias="copy")


def with_facts(found: QuerySet[Statement]) -> QuerySet[Statement]:
    """Add what every statement shows: its balance, people, replacement and documents."""
    people = ("client", "issued_by", "submitted_by", "replaced_by")
    return with_balance(found).select_related(*people).prefetch_related("documents")


def statement_or_404(pk: int) -> Statement:
    return get_object_or_404(Statement.objects.select_related("client"), pk=pk)


def shown(pk: int) -> dict:
    """Give a statement with its lines, read again."""
    rows = with_facts(Statement.objects.all()).prefetch_related("lines")
    return schemas.show_detail(get_object_or_404(rows, pk=pk))


# --- reading -----------------------------------------------------------------------------------
@router.get("/statements/", response=give(PageOut[schemas.StatementOut]), auth=READERS)
def list_statements(
    request: HttpRequest,
    page: PageIn = Page,
    q: Word = "",
    state: schemas.StatementState | None = None,
    client: Id | None = None,
    period: Word = "",
):
    """List statements, the newest first, those in review the oldest first; ``period`` is such as 2026-11."""
    filters = StatementFilters(query=q.strip(), state=state or "", client=client, period=month_of(period))
    return page_of(with_facts(statements_shown(filters).defer("snapshot")), page, schemas.show_statement)


def month_of(text: str):
    """Return the month of the text, None of none."""
    try:
        return parse_month(text) if text else None
    except DomainError as error:
        raise BadInput(error.sentence, "period") from None


@router.get("/statements/{pk}/", response=give(Detail), auth=READERS)
def get_statement(request: HttpRequest, pk: Id):
    """Give one statement with its lines and what was applied to it."""
    return shown(pk)


@router.get("/statements/{pk}/pdf/", response=give(None), auth=READERS, openapi_extra=PDF)
def get_pdf(request: HttpRequest, pk: Id, kind: Literal["original", "void"] = Copy):
    """Give the stored PDF of an issued statement, or the stamped copy of a void one."""
    statement = statement_or_404(pk)
    if statement.is_open or (kind == "void" and statement.state != Statement.State.VOID):
        raise Http404
    return pdf_answer(statement, kind)


# --- drafts ------------------------------------------------------------------------------------
@router.post("/statements/", response=give(Detail, 201), auth=DRAFTERS)
def create_statement(request: HttpRequest, payload: schemas.StatementIn):
    """Draft a special statement."""
    client = Client.objects.active().filter(pk=payload.client).first()
    if client is None:
        raise BadInput("There is no such active client.", "client")
    fields = payload.dict(exclude={"client", "lines"})
    lines = lines_of(client, payload.lines)
    pk = once(
        request,
        lambda: services.save_draft(actor=request.user, client=client, lines=lines, **fields),
    )
    return Status(201, shown(pk))


@router.patch("/statements/{pk}/", response=give(Detail), auth=DRAFTERS)
def change_statement(request: HttpRequest, pk: Id, payload: schemas.StatementPatch):
    """Change a draft; ``lines`` replaces all of them."""
    draft = statement_or_404(pk)
    sent = payload.dict(exclude_unset=True, exclude={"lines"})
    names = ("issue_date", "due_date", "notes", "internal_notes")
    fields = {name: sent.get(name, getattr(draft, name)) for name in names}
    lines = kept_lines(draft) if payload.lines is None else lines_of(draft.client, payload.lines)
    services.save_draft(
        actor=request.user, client=draft.client, lines=lines, statement=draft, **fields
    )  # fmt: skip
    return shown(pk)


def lines_of(client: Client, lines: list[schemas.LineIn]) -> list[LineInput]:
    """Return the lines as the service takes them; an engagement is the client's own. One query."""
    engagements = {row.pk: row for row in client.engagements.all()}
    if any(line.engagement and line.engagement not in engagements for line in lines):
        raise BadInput("There is no such engagement of this client.", "lines")
    return [
        LineInput(
            line.description, Decimal(line.unit_price), Decimal(line.quantity), line.unit,
            engagements.get(line.engagement or 0),
        )
        for line in lines
    ]  # fmt: skip


def kept_lines(draft: Statement) -> list[LineInput]:
    rows = draft.lines.select_related("engagement")
    return [
        LineInput(row.description, row.unit_price, row.quantity, row.unit, row.engagement) for row in rows
    ]


@router.delete("/statements/{pk}/", response=give(None, 204), auth=DRAFTERS)
def delete_statement(request: HttpRequest, pk: Id):
    """Delete a draft that was never issued."""
    services.delete_draft(actor=request.user, statement=statement_or_404(pk))
    return Status(204, None)


@router.post("/statements/{pk}/notes/", response=give(Detail), auth=DRAFTERS)
def note_statement(request: HttpRequest, pk: Id, payload: schemas.NotesIn):
    """Write the internal notes, in every state."""
    found = statement_or_404(pk)
    act = services.note_statement
    return shown(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


# --- review, issue, void -----------------------------------------------------------------------
@router.post("/statements/{pk}/submit/", response=give(Detail), auth=DRAFTERS)
def submit_statement(request: HttpRequest, pk: Id):
    """Hand a draft to the reviewers."""
    found = statement_or_404(pk)
    return shown(once(request, lambda: services.submit_statement(actor=request.user, statement=found)))


@router.post("/statements/{pk}/return/", response=give(Detail), auth=REVIEWERS)
def return_statement(request: HttpRequest, pk: Id, payload: schemas.ReturnIn):
    """Give a submitted draft back with a comment."""
    found, act = statement_or_404(pk), services.return_statement
    return shown(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/issue/", response=give(Detail), auth=REVIEWERS)
def issue_statement(request: HttpRequest, pk: Id, payload: schemas.IssueIn):
    """Give a submitted draft its number and freeze it."""
    found, act = statement_or_404(pk), services.issue_statement
    return shown(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/void/", response=give(Detail), auth=REVIEWERS)
def void_statement(request: HttpRequest, pk: Id, payload: schemas.VoidIn):
    """Take an issued statement back; it keeps its number."""
    found, act = statement_or_404(pk), services.void_statement
    return shown(once(request, lambda: act(actor=request.user, statement=found, **payload.dict())))


@router.post("/statements/{pk}/reissue/", response=give(Detail, 201), auth=REVIEWERS)
def reissue_statement(request: HttpRequest, pk: Id):
    """Draft a statement with the content of a void one; both link to each other."""
    found = statement_or_404(pk)
    act = services.reissue_statement
    return Status(201, shown(once(request, lambda: act(actor=request.user, statement=found))))
