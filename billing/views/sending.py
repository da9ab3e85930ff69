"""Documents by mail: to whom, and what became of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import services
from billing.access import office_door
from billing.models import CreditNote, Statement
from billing.policy import Act
from billing.reports.office import office_profile
from billing.reports.sending import deliveries_of
from billing.send_forms import SendForm
from billtracker.core.doors import say
from billtracker.core.exceptions import DomainError

asking = require_http_methods(["GET", "HEAD", "POST"])


@asking
@office_door(Act.DRAFT)
def statement_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a statement's stored PDF."""
    statement = get_object_or_404(Statement.objects.select_related("client"), pk=pk)
    if statement.is_open:
        raise Http404
    return send(request, statement, statement, reverse("statement_detail", args=[pk]))


@asking
@office_door(Act.DRAFT)
def credit_note_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a credit note's stored PDF."""
    note = get_object_or_404(CreditNote.objects.select_related("statement__client"), pk=pk)
    return send(request, note, note.statement, reverse("credit_note_detail", args=[pk]))


def send(request: HttpRequest, source, statement: Statement, back: str) -> HttpResponse:
    """Ask to whom, and post it."""
    form = SendForm(request.POST or None, client=statement.client)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.send_document(actor=request.user, source=source, addresses=form.addresses)
        except DomainError as error:
            form.add_refusal(error)
        else:
            say(request, posted_words(source, len(sent)))
            return redirect(request.path)
    context = {
        "form": form, "source": source, "statement": statement, "back": back,
        "deliveries": deliveries_of(source)[:50], "time_zone": office_profile().time_zone,
        "has_document": source.documents.exists(),
    }  # fmt: skip
    return render(request, "billing/send.html", context, status=422 if form.is_bound else 200)


def posted_words(source, count: int) -> str:
    words = ngettext(
        "%(source)s is on its way to %(count)d address.",
        "%(source)s is on its way to %(count)d addresses.",
        count,
    )
    return _("%(words)s What became of it stands below.") % {
        "words": words % {"source": source, "count": count}
    }
