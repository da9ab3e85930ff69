"""The list of bills, the page of one, and its form."""

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bills import services
from bills.access import bill_or_404
from bills.forms.bills import BillForm
from bills.models import Bill
from bills.reminders.log import latest_entries, lead_words
from bills.reports.bill_history import past_and_next, twelve_months
from bills.reports.rows import row_of
from bills.reports.schedule_edits import preview_schedule_edit
from billtracker.accounts.access.households import household_required, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.templatetags.billtracker import short_month
from billtracker.core.web.charts import bar_chart
from billtracker.core.web.pages import back_to, get_or_post, paginate, query_texts, refusing, say

PAGE = 50


@require_safe
@household_required
def bill_list(request: HouseholdRequest) -> HttpResponse:
    """List the household's bills; words and pauses are filtered by the address."""
    household = request.membership.household
    show = request.GET.get("show", "active")
    query = query_texts(request).get("q", "")[:100]
    bills = household.bills.live().select_related("category")
    if show != "all":
        bills = bills.filter(is_active=show != "paused")
    if query:
        bills = bills.filter(name__icontains=query)
    # An aggregate drops the model's own order.
    bills = bills.with_next_due(household.today).order_by(Lower("name"), "pk")
    page = paginate(request, bills, PAGE)
    return render(request, "bills/bill_list.html", {"page": page, "show": show, "query": query})


@require_safe
@household_required
def bill(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Show one bill: facts, twelve months, occurrences with their payments."""
    found = bill_or_404(request, pk)
    today = found.household.today
    page = paginate(request, past_and_next(found, today), 24)
    rows = [row_of(occurrence, found.household, today) for occurrence in page.object_list]
    months = twelve_months(found, today)
    chart = bar_chart([(short_month(point.month), point.owed) for point in months])
    context = {"bill": found, "page": page, "rows": rows, "months": months, "chart": chart}
    context |= {"reminders": latest_entries(found, request.user), "reminder_days": lead_words(found)}
    return render(request, "bills/bill.html", context)


@get_or_post
@household_required
def bill_create(request: HouseholdRequest) -> HttpResponse:
    """Add a bill."""
    require_editor(request.membership)
    return _edit(request, Bill(household=request.membership.household))


@get_or_post
@household_required
def bill_edit(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Change a bill; its past stays as it was."""
    return _edit(request, bill_or_404(request, pk, to_edit=True))


def _edit(request: HouseholdRequest, instance: Bill) -> HttpResponse:
    is_new = instance.pk is None
    form = BillForm(request.POST or None, instance=instance, household=instance.household)
    preview = None
    if request.method == "POST" and form.is_valid():
        bill = form.save(commit=False)
        preview = preview_schedule_edit(bill, instance.household.today)
        if form.is_confirmed(preview):
            with form.catch_refusal():
                services.save_bill(actor=request.user, bill=bill, past=form.cleaned_data["past"] or "keep")
                say(request, _("%(bill)s is saved.") % {"bill": instance})
                return redirect("bills:bill", instance.pk)
    # A change that waits to be confirmed is no mistake.
    context = {"form": form, "is_new": is_new, "preview": preview}
    return render(request, "bills/bill_form.html", context, status=422 if form.errors else 200)


@require_POST
@household_required
def bill_pause(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Hide a bill from today on."""
    found = bill_or_404(request, pk, to_edit=True)
    with refusing(request):
        services.deactivate_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is paused.") % {"bill": found}, undo=reverse("bills:bill_resume", args=[pk]))
    return back_to(request, reverse("bills:bill", args=[pk]))


@require_POST
@household_required
def bill_resume(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Make a paused bill due again from today on."""
    found = bill_or_404(request, pk, to_edit=True)
    with refusing(request):
        services.activate_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is active again.") % {"bill": found})
    return back_to(request, reverse("bills:bill", args=[pk]))


@require_POST
@household_required
def bill_delete(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Put a bill in the bin for 30 days."""
    found = bill_or_404(request, pk, to_edit=True)
    services.delete_bill(actor=request.user, bill=found)
    say(
        request, _("%(bill)s is in the bin.") % {"bill": found}, undo=reverse("bills:bill_restore", args=[pk])
    )
    return redirect("bills:bill_list")


@require_POST
@household_required
def bill_restore(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Take a bill out of the bin."""
    found = bill_or_404(request, pk, to_edit=True, bills=Bill.objects.all())
    with refusing(request):
        services.restore_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is back.") % {"bill": found})
    return back_to(request, reverse("bills:bin"))


@require_safe
@household_required
def bin_page(request: HouseholdRequest) -> HttpResponse:
    """List what was deleted and can still be restored."""
    household = request.membership.household
    bills = household.bills.in_bin().order_by("-deleted_at")
    categories = household.categories.in_bin().order_by("-deleted_at")
    return render(request, "bills/bin.html", {"bills": bills[:500], "categories": categories[:500]})
