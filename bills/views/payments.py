"""Payments: the page of one, splitting one over several bills, undo and redo."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bills import services
from bills.forms.payments import SplitPaymentForm
from bills.models import Payment
from bills.reports.unpaid import unpaid_rows
from billtracker.accounts.access.households import household_required, membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.pages import back_to, get_or_post, paginate, refusing, render_form, say

PAGE = 50


@require_safe
@household_required
def payment(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Show one payment and what it settles."""
    found = get_object_or_404(Payment.objects.visible_to(request.user).select_related("recorded_by"), pk=pk)
    request.membership = membership_for(request.user, found.household_id)
    splits = found.splits.select_related("occurrence__bill")
    return render(request, "bills/payment.html", {"payment": found, "splits": splits})


@get_or_post
@household_required
def split_payment(request: HouseholdRequest) -> HttpResponse:
    """Record one payment that settles parts of several unpaid bills."""
    require_editor(request.membership)
    household = request.membership.household
    page = paginate(request, unpaid_rows(household, household.today), PAGE)
    rows = list(page)
    initial = {"paid_on": household.today, "key": uuid.uuid4().hex}
    form = SplitPaymentForm(request.POST or None, rows=rows, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form.catch_refusal():
            made = _record_split(request, form)
            say(
                request,
                _("The payment is recorded."),
                undo=reverse("bills:payments_undo", query={"ids": made.pk}),
            )
            return back_to(request, reverse("bills:payment", args=[made.pk]))
    return render_form(request, "bills/split_payment.html", form, {"rows": rows, "page": page})


def _record_split(request: HouseholdRequest, form: SplitPaymentForm) -> Payment:
    data = form.cleaned_data
    return services.record_payment(
        actor=request.user,
        household=request.membership.household,
        splits=form.splits,
        currency=form.currency,
        paid_on=data["paid_on"],
        method=data["method"],
        note=data["note"],
        idempotency_key=data["key"],
    )


def _chosen_payments(request: HouseholdRequest) -> list[Payment]:
    """Return the payments of the user's own households that ``ids`` names, all editable by the user."""
    ids = [
        int(part) for part in request.GET.get("ids", "").split(",")[:500] if part.isascii() and part.isdigit()
    ]
    found = list(Payment.objects.visible_to(request.user).filter(pk__in=[i for i in ids if i < 2**63]))
    for household_id in {payment.household_id for payment in found}:
        require_editor(membership_for(request.user, household_id))
    return found


@require_POST
@household_required
def undo(request: HouseholdRequest) -> HttpResponse:
    """Undo payments; their due dates are as they were before."""
    payments = _chosen_payments(request)
    with refusing(request):
        count = services.delete_payments(actor=request.user, payments=payments)
        redo = reverse("bills:payments_restore", query={"ids": request.GET.get("ids", "")}) if count else ""
        words = ngettext("%(n)d payment undone.", "%(n)d payments undone.", count) % {"n": count}
        say(request, words, undo=redo)
    return back_to(request, reverse("bills:tracker"))


@require_POST
@household_required
def restore(request: HouseholdRequest) -> HttpResponse:
    """Bring undone payments back exactly."""
    payments = _chosen_payments(request)
    if not payments:
        messages.error(
            request,
            _("This payment can't be restored: the due date it paid is gone. Record the payment again."),
        )
        return back_to(request, reverse("bills:tracker"))
    with refusing(request):
        count = services.restore_payments(actor=request.user, payments=payments)
        say(request, ngettext("%(n)d payment is back.", "%(n)d payments are back.", count) % {"n": count})
    return back_to(request, reverse("bills:tracker"))
