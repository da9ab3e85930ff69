"""Documents by mail: to whom, and what became of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.sending import SendForm
from billing.models import CreditNote, Statement
from billing.reports.office import office_profile
from billing.reports.sending import deliveries_of
from billing.rules.policy import Permission
from billtracker.core.web.pages import get_or_post, render_form, say


@get_or_post
@require_office(Permission.DRAFT)
def statement_send(request: OfficeRequest, pk: int) -> HttpResponse:
    """Send a statement's stored PDF."""
    statement = get_object_or_404(Statement.objects.select_related("client"), pk=pk)
    if statement.is_open:
        raise Http404
    return _send(request, statement, statement, reverse("billing:statement_detail", args=[pk]))


@get_or_post
@require_office(Permission.DRAFT)
def credit_note_send(request: OfficeRequest, pk: int) -> HttpResponse:
    """Send a credit note's stored PDF."""
    note = get_object_or_404(CreditNote.objects.select_related("statement__client"), pk=pk)
    return _send(request, note, note.statement, reverse("billing:credit_note_detail", args=[pk]))


def _send(request: OfficeRequest, source, statement: Statement, back: str) -> HttpResponse:
    """Ask to whom, and post it."""
    form = SendForm(request.POST or None, client=statement.client)
    if request.method == "POST" and form.is_valid():
        with form.catch_refusal():
            sent = services.send_document(actor=request.user, source=source, addresses=form.addresses)
            say(request, _posted_words(source, len(sent)))
            return redirect(request.path)
    context = {
        "source": source, "statement": statement, "back": back,
        "deliveries": deliveries_of(source)[:50], "time_zone": office_profile().time_zone,
        "has_document": source.documents.exists(),
    }  # fmt: skip
    return render_form(request, "billing/send.html", form, context)


def _posted_words(source, count: int) -> str:
    words = ngettext(
        "%(source)s is on its way to %(count)d address.",
        "%(source)s is on its way to %(count)d addresses.",
        count,
    )
    return _("%(words)s What became of it stands below.") % {
        "words": words % {"source": source, "count": count}
    }
