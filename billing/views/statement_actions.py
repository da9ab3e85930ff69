"""What is done with a statement: submitted, returned, issued, void, reissued, deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.statements import IssueForm, NotesForm, ReturnForm, VoidStatementForm
from billing.models import Statement
from billing.rules.policy import Permission
from billing.views.statements import show, statement_or_404
from billtracker.core.exceptions import DomainError
from billtracker.core.money import to_display
from billtracker.core.web.pages import refusing, say


@require_POST
@require_office(Permission.DRAFT)
def statement_submit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Hand the draft to the reviewers."""
    with refusing(request):
        draft = services.submit_statement(actor=request.user, statement=statement_or_404(pk))
        say(request, _("%(statement)s waits for its review.") % {"statement": draft})
    return redirect("billing:statement_detail", pk)


@require_POST
@require_office(Permission.DRAFT)
def statement_delete(request: OfficeRequest, pk: int) -> HttpResponse:
    """Delete a draft that was never issued."""
    draft = statement_or_404(pk)
    with refusing(request):
        services.delete_draft(actor=request.user, statement=draft)
        say(request, _("The draft for %(client)s is deleted.") % {"client": draft.client})
        return redirect("billing:statement_list")
    return redirect("billing:statement_detail", pk)


@require_POST
@require_office(Permission.REVIEW)
def statement_return(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the draft back with a comment."""
    found, form = statement_or_404(pk), ReturnForm(request.POST, prefix="return")
    if not form.is_valid():
        return show(request, found, return_form=form)
    try:
        seen = request.POST.get("seen")
        services.return_statement(actor=request.user, statement=found, seen=seen, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, found, error, return_form=form)
    say(request, _("%(statement)s is returned.") % {"statement": found})
    return redirect("billing:statement_detail", pk)


@require_POST
@require_office(Permission.REVIEW)
def statement_issue(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give it its number."""
    found, form = statement_or_404(pk), IssueForm(request.POST, prefix="issue")
    if not form.is_valid():
        return show(request, found, issue_form=form)
    try:
        seen = request.POST.get("seen")
        issued = services.issue_statement(actor=request.user, statement=found, seen=seen, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, found, error, issue_form=form)
    say(request, issued_words(issued))
    return redirect("billing:statement_detail", pk)


def issued_words(issued: Statement) -> str:
    total = to_display(issued.total, issued.currency)
    facts = {"number": issued.number, "client": issued.client, "total": total}
    return _("%(number)s is issued to %(client)s: %(total)s.") % facts


@require_POST
@require_office(Permission.REVIEW)
def statement_void(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take it back; its number typed confirms it."""
    found = statement_or_404(pk)
    form = VoidStatementForm(request.POST, number=str(found), prefix="void")
    if not form.is_valid():
        return show(request, found, void_form=form)
    try:
        services.void_statement(actor=request.user, statement=found, reason=form.cleaned_data["reason"])
    except DomainError as error:
        return _refuse(request, found, error, void_form=form)
    say(request, _("%(statement)s is void; it keeps its number.") % {"statement": found})
    return redirect("billing:statement_detail", pk)


@require_POST
@require_office(Permission.REVIEW)
def statement_reissue(request: OfficeRequest, pk: int) -> HttpResponse:
    """Make a draft with the content of a void statement."""
    with refusing(request):
        draft = services.reissue_statement(actor=request.user, statement=statement_or_404(pk))
        say(request, _("This draft replaces it; look it over and submit it."))
        return redirect("billing:statement_detail", draft.pk)
    return redirect("billing:statement_detail", pk)


@require_POST
@require_office(Permission.DRAFT)
def statement_note(request: OfficeRequest, pk: int) -> HttpResponse:
    """Write the internal notes, whatever its state."""
    found, form = statement_or_404(pk), NotesForm(request.POST, prefix="note")
    if not form.is_valid():
        return show(request, found, note_form=form)
    notes, before = form.cleaned_data["notes"], request.POST.get("before")
    try:
        services.note_statement(actor=request.user, statement=found, notes=notes, before=before)
    except DomainError as error:
        return _refuse(request, found, error, note_form=form)
    say(request, _("The internal notes are saved."))
    return redirect("billing:statement_detail", pk)


def _refuse(request: OfficeRequest, statement: Statement, error: DomainError, **forms) -> HttpResponse:
    """Show a refusal in its form with what was typed, or as a message when the form has had its day."""
    [form] = forms.values()
    if error.field in form.fields or error.code == "changed":
        form.add_refusal(error)
        return show(request, statement, **forms)
    messages.error(request, error.sentence)
    return redirect("billing:statement_detail", statement.pk)
