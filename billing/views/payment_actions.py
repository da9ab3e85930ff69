"""What is done with a payment: posted, verified, void, applied, refunded, proven, deleted."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.payments import RefundForm, UnapplyForm, VoidPaymentForm, VoidRecordForm
from billing.models import Allocation, Refund
from billing.reports.payments import warning_of
from billing.rules.policy import Permission
from billing.views.payments import apply_form, payment_or_404, show
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, to_display
from billtracker.core.web.pages import refusing, say

# Refusals after which the page shows the form no more.
OVER = {"wrong_state", "not_allowed", "reversed_already"}


def _refuse(request: OfficeRequest, pk: int, error: DomainError, row: int = 0, **forms) -> HttpResponse:
    """Show a refusal in its form with what was typed, or as a message when the form has had its day."""
    if error.code in OVER:
        messages.error(request, error.sentence)
        return redirect("billing:payment_detail", pk)
    [form] = forms.values()
    form.add_refusal(error)
    return show(request, payment_or_404(pk), refused_row=row, **forms)


# --- posted, verified, void --------------------------------------------------------------------
@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def payment_post(request: OfficeRequest, pk: int) -> HttpResponse:
    """Let it count; an amount that looks like a slip only when its warning was answered."""
    found = payment_or_404(pk)
    if warning_of(found) and request.POST.get("confirmed") != str(found.amount):
        return redirect("billing:payment_detail", pk)
    with refusing(request):
        posted = services.post_payment(actor=request.user, payment=found)
        say(request, _("%(payment)s is posted.") % {"payment": posted})
    return redirect("billing:payment_detail", pk)


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def payment_delete(request: OfficeRequest, pk: int) -> HttpResponse:
    """Delete a draft that was never posted."""
    draft = payment_or_404(pk)
    with refusing(request):
        services.delete_payment(actor=request.user, payment=draft)
        say(request, _("The draft from %(client)s is deleted.") % {"client": draft.client})
        return redirect("billing:payment_list")
    return redirect("billing:payment_detail", pk)


@require_POST
@require_office(Permission.VERIFY_PAYMENTS)
def payment_verify(request: OfficeRequest, pk: int) -> HttpResponse:
    """Prove it; whoever recorded it cannot."""
    with refusing(request):
        verified = services.verify_payment(actor=request.user, payment=payment_or_404(pk))
        say(request, _("%(payment)s is verified; it is locked now.") % {"payment": verified})
    return redirect("billing:payment_detail", pk)


@require_POST
@require_office(Permission.VERIFY_PAYMENTS)
def payment_void(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take it back for good; its manual number typed confirms it."""
    found = payment_or_404(pk)
    form = VoidPaymentForm(request.POST, number=found.manual_number, prefix="void")
    if not form.is_valid():
        return show(request, found, void_form=form)
    facts = {name: form.cleaned_data[name] for name in ("cause", "reason", "void_date")}
    try:
        services.void_payment(actor=request.user, payment=found, **facts)
    except DomainError as error:
        return _refuse(request, pk, error, void_form=form)
    say(request, _("%(payment)s is void; its number is free again.") % {"payment": found})
    return redirect("billing:payment_detail", pk)


# --- applied -----------------------------------------------------------------------------------
@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def payment_allocate(request: OfficeRequest, pk: int) -> HttpResponse:
    """Apply the amounts that were given, all of them or none."""
    found = payment_or_404(pk)
    form = apply_form(request, found, request.POST)
    if not form.is_valid():
        return show(request, found, allocate_form=form)
    day = form.cleaned_data["effective_on"]
    try:
        made = services.allocate_payments(
            actor=request.user, payment=found, parts=form.parts(), effective_on=day
        )
    except DomainError as error:
        return _refuse(request, pk, error, allocate_form=form)
    amount = to_display(sum((row.amount for row in made), ZERO), found.currency)
    say(request, _("%(amount)s of %(payment)s is applied.") % {"amount": amount, "payment": found})
    return redirect("billing:payment_detail", pk)


@require_POST
@require_office(Permission.RECORD_PAYMENTS)
def payment_unapply(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take one applied amount off its statement again."""
    row = get_object_or_404(Allocation.objects.select_related("payment", "statement"), pk=pk)
    payment = row.payment
    if payment is None:
        raise Http404
    form = UnapplyForm(request.POST, prefix=f"unapply-{pk}")
    if not form.is_valid():
        return show(request, payment_or_404(payment.pk), refused_row=pk, unapply_form=form)
    try:
        services.unapply_allocation(actor=request.user, allocation=row, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, payment.pk, error, pk, unapply_form=form)
    amount = to_display(row.amount, payment.currency)
    say(request, _("%(amount)s is taken off %(statement)s.") % {"amount": amount, "statement": row.statement})
    return redirect("billing:payment_detail", payment.pk)


# --- refunds -----------------------------------------------------------------------------------
@require_POST
@require_office(Permission.VERIFY_PAYMENTS)
def payment_refund(request: OfficeRequest, pk: int) -> HttpResponse:
    """Record that credit went back."""
    found = payment_or_404(pk)
    form = RefundForm(request.POST, currency=found.currency, prefix="refund")
    if not form.is_valid():
        return show(request, found, refund_form=form)
    try:
        seen = request.POST.get("seen")
        refund = services.refund_credit(actor=request.user, payment=found, seen=seen, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, pk, error, refund_form=form)
    amount = to_display(refund.amount, found.currency)
    say(request, _("%(amount)s of %(payment)s is refunded.") % {"amount": amount, "payment": found})
    return redirect("billing:payment_detail", pk)


@require_POST
@require_office(Permission.VERIFY_PAYMENTS)
def refund_void(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a refund back that did not happen."""
    refund = get_object_or_404(Refund.objects.select_related("payment"), pk=pk)
    form = VoidRecordForm(request.POST, prefix=f"void-refund-{pk}")
    if not form.is_valid():
        return show(request, payment_or_404(refund.payment_id), refused_row=pk, void_refund_form=form)
    try:
        services.void_refund(actor=request.user, refund=refund, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, refund.payment_id, error, pk, void_refund_form=form)
    say(request, _("The refund is void; its amount is credit again."))
    return redirect("billing:payment_detail", refund.payment_id)
