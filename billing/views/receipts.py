"""Proofs of payments: attached, given out as downloads, taken off."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.payments import ProofForm
from billing.models import Proof
from billing.rules.policy import Permission
from billing.views.payments import payment_or_404, show
from billtracker.core.web.pages import refusing, say


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def proof_add(request: OfficeRequest, pk: int) -> HttpResponse:
    """Attach a file to a payment that is not verified yet."""
    found, form = payment_or_404(pk), ProofForm(request.POST, request.FILES, prefix="proof")
    if not form.is_valid():
        return show(request, found, proof_form=form)
    file = form.cleaned_data["file"]
    with form.catch_refusal():
        services.add_proof(actor=request.user, payment=found, name=file.name, content=file.read())
        say(request, _("%(name)s is attached.") % {"name": file.name})
        return redirect("billing:payment_detail", pk)
    return show(request, payment_or_404(pk), proof_form=form)


@require_safe
@require_office()
def proof_file(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the stored file as a download, never as a page of ours."""
    proof = get_object_or_404(Proof, pk=pk)
    with refusing(request):
        response = HttpResponse(services.read_proof(proof), content_type=proof.content_type)
        response.headers["Content-Disposition"] = content_disposition_header(
            True, services.download_name(proof)
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response
    return redirect("billing:payment_detail", proof.payment_id)


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def proof_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a file off a payment that is not verified yet."""
    proof = get_object_or_404(Proof.objects.select_related("payment"), pk=pk)
    with refusing(request):
        services.remove_proof(actor=request.user, proof=proof)
        say(request, _("%(name)s is removed.") % {"name": proof.name})
    return redirect("billing:payment_detail", proof.payment_id)
