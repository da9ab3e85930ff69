"""What settles a statement other than in cash: recorded, its certificate received, void."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.payments import CertificateForm, VoidRecordForm
from billing.models import Settlement
from billing.rules.policy import Permission
from billing.views.statement_money import settle_form
from billing.views.statements import show, statement_or_404
from billtracker.core.exceptions import DomainError
from billtracker.core.money import to_display
from billtracker.core.web.pages import say


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def statement_settle(request: OfficeRequest, pk: int) -> HttpResponse:
    """Settle a part of it without money."""
    found = statement_or_404(pk)
    form = settle_form(request, found, request.POST)
    if not form.is_valid():
        return show(request, found, settle_form=form)
    with form.catch_refusal():
        seen = request.POST.get("seen")
        row = services.settle_statement(actor=request.user, statement=found, seen=seen, **form.cleaned_data)
        facts = {"amount": to_display(row.amount, found.currency), "kind": row.get_kind_display()}
        say(request, _("%(amount)s is settled: %(kind)s.") % facts)
        return redirect("billing:statement_detail", pk)
    return show(request, found, settle_form=form, may_settle=True)


def _settlement_or_404(pk: int) -> Settlement:
    return get_object_or_404(Settlement.objects.select_related("statement"), pk=pk)


def _refuse(request: OfficeRequest, row: Settlement, error: DomainError, form, refused: dict) -> HttpResponse:
    """Show a refusal in its form with what was typed, or as a message when the form has had its day."""
    if error.code in {"wrong_state", "not_allowed"}:
        messages.error(request, error.sentence)
        return redirect("billing:statement_detail", row.statement_id)
    form.add_refusal(error)
    return show(request, statement_or_404(row.statement_id), **refused)


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def certificate_receive(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note the certificate that was pending."""
    row, form = _settlement_or_404(pk), CertificateForm(request.POST, prefix=f"certificate-{pk}")
    refused = {"refused_rows": {(pk, "certificate"): form}}
    if not form.is_valid():
        return show(request, statement_or_404(row.statement_id), **refused)
    try:
        services.receive_certificate(actor=request.user, settlement=row, **form.cleaned_data)
    except DomainError as error:
        fields = {"certificate_number": "number", "certificate_received_on": "received_on"}
        error.field = fields.get(error.field or "")
        return _refuse(request, row, error, form, refused)
    say(request, _("The certificate is noted."))
    return redirect("billing:statement_detail", row.statement_id)


@require_POST
@require_office(Permission.VERIFY_PAYMENTS)
def settlement_void(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a settlement back; the statement owes the amount again."""
    row, form = _settlement_or_404(pk), VoidRecordForm(request.POST, prefix=f"void-settlement-{pk}")
    refused = {"refused_rows": {(pk, "void"): form}}
    if not form.is_valid():
        return show(request, statement_or_404(row.statement_id), **refused)
    try:
        services.void_settlement(actor=request.user, settlement=row, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, row, error, form, refused)
    say(request, _("%(settlement)s is void.") % {"settlement": row})
    return redirect("billing:statement_detail", row.statement_id)
