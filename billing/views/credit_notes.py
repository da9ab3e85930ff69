"""Credit notes: issued on a statement's page, shown with their PDF."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.models import CreditNote
from billing.reports.balances import outstanding
from billing.reports.office import office_profile
from billing.reports.sending import deliveries_of
from billing.rules.policy import Permission
from billing.views.statement_money import credit_form
from billing.views.statements import entries_of, pdf_response, show, statement_or_404
from billtracker.core.money import to_display
from billtracker.core.web.pages import refusing, say


@require_POST
@require_office(Permission.REVIEW)
def statement_credit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a part of the statement back by a numbered document."""
    found = statement_or_404(pk)
    form = credit_form(found, outstanding(found), request.POST)
    if not form.is_valid():
        return show(request, found, credit_form=form)
    with form.catch_refusal():
        seen = request.POST.get("seen")
        note = services.issue_credit_note(actor=request.user, statement=found, seen=seen, **form.cleaned_data)
        facts = {"note": note, "statement": found, "amount": to_display(note.amount, note.currency)}
        say(request, _("%(note)s is issued: %(amount)s less on %(statement)s.") % facts)
        return redirect("billing:credit_note_detail", note.pk)
    return show(request, found, credit_form=form, may_credit=True)


def _note_or_404(pk: int) -> CreditNote:
    return get_object_or_404(CreditNote.objects.select_related("statement__client", "issued_by"), pk=pk)


@require_safe
@require_office()
def credit_note_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one credit note as it was issued."""
    note = _note_or_404(pk)
    context = {
        "note": note,
        "face": note.snapshot,
        "document": note.documents.first(),
        "deliveries": deliveries_of(note)[:20],
        "may_send": Permission.DRAFT in request.permissions,
        "history": entries_of(note) if Permission.READ_AUDIT in request.permissions else [],
        "time_zone": note.snapshot.get("office", {}).get("time_zone") or office_profile().time_zone,
    }
    return render(request, "billing/credit_note_detail.html", context)


@require_safe
@require_office()
def credit_note_pdf(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the stored PDF; while it is not made yet, say so."""
    note = _note_or_404(pk)
    document = note.documents.first()
    if document is None:
        return render(request, "billing/credit_note_no_pdf.html", {"note": note})
    with refusing(request):
        return pdf_response(note, document)
    return redirect("billing:credit_note_detail", pk)
