"""Statements: the list, the page of one, its form, its PDF."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import Model, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.documents.kinds import STATEMENT, Source
from billing.forms.statements import (
    DraftForm,
    IssueForm,
    NotesForm,
    ReturnForm,
    VoidStatementForm,
    line_forms,
    number_of,
)
from billing.models import Client, Document, Sequence, Statement
from billing.reports import clients
from billing.reports import statements as reports
from billing.reports.clients import ClientFilters
from billing.reports.office import office_profile, office_today
from billing.reports.retainer_cycle import parse_month
from billing.reports.review import contributors_of, date_warnings, passed_words, proposed_day, version_of
from billing.reports.sending import deliveries_of
from billing.reports.statement_money import DERIVED, outstanding_totals, state_of
from billing.reports.statements import StatementFilters
from billing.rules.policy import Permission
from billing.views.statement_money import money_context, with_refused
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from billtracker.core.money import to_display
from billtracker.core.web.exports import csv_response
from billtracker.core.web.pages import get_or_post, paginate, query_texts, refusing, say

PAGE = 50
CLIENTS = 20
MARKED: dict[str, Permission] = {
    Statement.State.DRAFT: Permission.DRAFT,
    Statement.State.IN_REVIEW: Permission.REVIEW,
}
OTHERS = 8
DERIVED_WORDS = tuple(
    zip(
        DERIVED, (gettext_lazy("Open"), gettext_lazy("Overdue"), gettext_lazy("Paid or settled")), strict=True
    )
)


# --- the list ----------------------------------------------------------------------------------
def _filters_of(request: OfficeRequest) -> StatementFilters:
    """Read the filters of the address; what is none of them is left out."""
    asked = query_texts(request)
    try:
        period = parse_month(asked["period"]) if asked.get("period") else None
    except DomainError:
        period = None
    return StatementFilters(
        query=asked.get("q", "")[:100],
        state=asked["state"] if asked.get("state") in {*Statement.State.values, *DERIVED} else "",
        client=number_of(asked.get("client", ""), 18),
        of=asked.get("of", "")[:160],
        period=period,
        year=number_of(asked.get("year", ""), 4),
    )


@require_safe
@require_office()
def statement_list(request: OfficeRequest) -> HttpResponse:
    """List the statements; what is asked for stands in the address."""
    filters, today = _filters_of(request), office_today()
    found = reports.statements_shown(filters)
    shown = found.defer("snapshot").with_balance(today).with_cash(today)
    page = paginate(request, shown, PAGE)
    context = _picked_client(filters) | {
        "page": page,
        "rows": [(one, state_of(one, today)) for one in page],
        "totals": reports.totals_of(found),
        "outstanding": outstanding_totals(found, today),
        "filters": filters,
        "states": [*Statement.State.choices, *DERIVED_WORDS],
        "is_narrowed": filters != StatementFilters(),
        "may_draft": Permission.DRAFT in request.permissions,
        # Drafts are marked here and submitted together, those in review issued together.
        "may_mark": MARKED.get(filters.state) in request.permissions,
        "are_marked": "marked" in request.GET,
    }
    return render(request, "billing/statement_list.html", context)


def _picked_client(filters: StatementFilters) -> dict:
    """Return the client whose statements are listed, and others that the words may have meant."""
    if filters.client:
        return {"client": Client.objects.filter(pk=filters.client).first()}
    if not filters.of:
        return {"client": None}
    client = Client.objects.named(filters.of).first()
    like = [one for one in reports.clients_like(filters.of)[: OTHERS + 2] if one != client]
    return {"client": client, "others": like[:OTHERS], "has_more": len(like) > OTHERS}


@require_safe
@require_office()
def statement_csv(request: OfficeRequest) -> HttpResponse:
    """Give the listed statements as a table, all pages of them."""
    found = reports.with_register_facts(reports.statements_shown(_filters_of(request)))
    return csv_response("statements.csv", reports.COLUMNS, map(reports.register_row, found))


# --- one statement -----------------------------------------------------------------------------
def statement_or_404(pk: int) -> Statement:
    rows = Statement.objects.select_related(
        "client", "created_by", "submitted_by", "issued_by", "voided_by", "replaces", "replaced_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@require_office()
def statement_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one statement: an issued one as it was issued, a draft as it is."""
    return show(request, statement_or_404(pk))


def show(
    request: OfficeRequest, statement: Statement, *, refused_rows: dict | None = None, **forms
) -> HttpResponse:
    """Show the page; a form that was refused takes the place of the empty one, a settlement's its row's."""
    context = {
        "statement": statement,
        **_what_it_says(statement),
        "documents": statement.documents.order_by("kind"),
        "deliveries": deliveries_of(statement)[:20] if statement.is_frozen else [],
        "history": entries_of(statement) if Permission.READ_AUDIT in request.permissions else [],
        "version": version_of(statement),
        "may_draft": Permission.DRAFT in request.permissions,
        "may_review": Permission.REVIEW in request.permissions,
        **_blank_forms(statement),
        "had_hand": statement.is_open and request.user.pk in contributors_of([statement])[statement.pk],
        **with_refused(money_context(request, statement), refused_rows or {}),
    }
    status = 422 if forms or refused_rows else 200
    return render(request, "billing/statement_detail.html", context | forms, status=status)


def _what_it_says(statement: Statement) -> dict:
    """Return the statement's own words, in its office's time zone, and what no font can print."""
    office = office_profile()
    return {
        "face": reports.face_of(statement),
        "unprintable": reports.unprintable_of(statement, office),
        "time_zone": reports.time_zone_of(statement, office),
    }


def _proposed_dates(draft: Statement) -> dict:
    """Return the dates that the issue proposes, with what has to be known about them."""
    today, sequence = office_today(), Sequence.objects.get(code=STATEMENT.sequence)
    has_passed = bool(passed_words(draft, today))
    return {
        "issue_date": proposed_day(draft, today),
        "due_date": None if has_passed else draft.due_date,
        "warnings": date_warnings(draft, sequence, today),
    }


def _blank_forms(statement: Statement) -> dict:
    dates = _proposed_dates(statement) if statement.is_open else {}
    return {
        "date_warnings": dates.pop("warnings", ()),
        "issue_form": IssueForm(initial=dates, prefix="issue"),
        "return_form": ReturnForm(prefix="return"),
        "note_form": NotesForm(initial={"notes": statement.internal_notes}, prefix="note"),
        "void_form": VoidStatementForm(number=str(statement), prefix="void"),
    }


def entries_of(document: Source):
    """Return the document's latest entries of the audit log with a word for each, the oldest first.

    What settles or corrects a statement is told with it.
    """
    about = _targets([document])
    if isinstance(document, Statement):
        about |= _targets(document.settlements.all()) | _targets(document.credit_notes.all())
    entries = AuditEntry.objects.filter(about)
    return [(_word_of(entry.action), entry) for entry in entries.order_by("-position")[:100]][::-1]


def _targets(rows: Iterable[Model]) -> Q:
    """Return the condition that an entry is about one of the rows."""
    labels = [(row._meta.label_lower, str(row.pk)) for row in rows]
    return Q(target_type__in={label for label, _pk in labels}, target_id__in=[pk for _label, pk in labels])


def _word_of(action: str) -> str:
    """Say ``statement.submitted`` as a word of its own history, ``Submitted``; of others with their noun."""
    noun, _dot, verb = action.rpartition(".")
    return (verb if noun == "statement" else f"{noun} {verb}").replace("_", " ").capitalize()


@require_safe
@require_office()
def statement_pdf(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the stored PDF, or its VOID copy; while it is not made yet, say so."""
    statement = statement_or_404(pk)
    kind = Document.Kind.VOID if request.GET.get("copy") == "void" else Document.Kind.ORIGINAL
    if statement.is_open or (kind == Document.Kind.VOID and statement.state != Statement.State.VOID):
        raise Http404
    document = statement.documents.filter(kind=kind).first()
    if document is None:
        return render(request, "billing/statement_no_pdf.html", {"statement": statement})
    with refusing(request):
        return pdf_response(statement, document)
    return redirect("billing:statement_detail", pk)


def pdf_response(source: Source, document: Document) -> HttpResponse:
    copy = "-VOID" if document.kind == Document.Kind.VOID else ""
    name = f"{source}{copy}.pdf".replace("/", "-")
    response = HttpResponse(services.read_document(document), content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- drafts ------------------------------------------------------------------------------------
@get_or_post
@require_office(Permission.DRAFT)
def statement_create(request: OfficeRequest) -> HttpResponse:
    """Search the client, then write its special statement."""
    if "client" not in request.GET:
        return _search_client(request)
    pk = number_of(request.GET["client"], 18)
    client = Client.objects.active().filter(pk=pk).first()
    if client is None:
        messages.error(request, _("This is no active client. Choose another one."))
        return _search_client(request, status=422)
    return _edit(request, client, None)


def _search_client(request: OfficeRequest, status: int = 200) -> HttpResponse:
    """Show the active clients that fit the words, a few on a page."""
    query = query_texts(request).get("q", "")[:100]
    found = clients.clients_shown(ClientFilters(query=query))
    page = paginate(request, found, CLIENTS)
    context = {"page": page, "query": query, "may_edit": Permission.EDIT_CLIENTS in request.permissions}
    return render(request, "billing/statement_client.html", context, status=status)


@get_or_post
@require_office(Permission.DRAFT)
def statement_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    draft = statement_or_404(pk)
    if draft.state != Statement.State.DRAFT:
        messages.error(request, _("Only a draft can be edited."))
        return redirect("billing:statement_detail", pk)
    return _edit(request, draft.client, draft)


def _edit(request: OfficeRequest, client: Client, draft: Statement | None) -> HttpResponse:
    names = ("issue_date", "due_date", "notes", "internal_notes")
    initial = {name: getattr(draft, name) for name in names} if draft else {}
    data = request.POST if request.method == "POST" else None
    form, lines = DraftForm(data, initial=initial), line_forms(client, data, draft)
    if data is not None and "add_rows" not in data and form.is_valid() and lines.is_valid():
        rows = [line.line() for line in lines if line.is_line]
        with form.catch_refusal():
            saved = services.save_draft(
                actor=request.user, client=client, lines=rows, statement=draft, **form.cleaned_data
            )
            facts = {"statement": saved, "total": to_display(saved.total, saved.currency)}
            say(request, _("%(statement)s is saved: %(total)s.") % facts)
            return redirect("billing:statement_detail", saved.pk)
    context = {"form": form, "lines": lines, "client": client, "draft": draft}
    status = 422 if data is not None and "add_rows" not in data else 200
    return render(request, "billing/statement_form.html", context, status=status)
