"""The list of bills, the page of one, and its form."""

from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bills import reports, services
from bills.access import bill_or_404
from bills.forms import BillForm
from bills.ledger import latest_entries, lead_words
from bills.models import Bill, Category
from billtracker.accounts.households import household_required, require_editor
from billtracker.core.charts import bar_chart
from billtracker.core.doors import back_to, refusing, say
from billtracker.core.exceptions import DomainError
from billtracker.core.templatetags.billtracker import short_month

PAGE = 50


@require_safe
@household_required
def bill_list(request: HttpRequest) -> HttpResponse:
    """List the household's bills; words and pauses are filtered by the address."""
    household = request.membership.household
    show = request.GET.get("show", "active")
    query = request.GET.get("q", "")[:100].strip()
    bills = Bill.objects.live().filter(household=household).select_related("category")
    if show != "all":
        bills = bills.filter(is_active=show != "paused")
    if query:
        bills = bills.filter(name__icontains=query)
    # An aggregate drops the model's own order.
    bills = bills.with_next_due(household.today).order_by(Lower("name"), "pk")
    page = Paginator(bills, PAGE).get_page(request.GET.get("page"))
    return render(request, "bills/bill_list.html", {"page": page, "show": show, "query": query})


@require_safe
@household_required
def bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one bill: facts, twelve months, occurrences with their payments."""
    found = bill_or_404(request, pk)
    today = found.household.today
    page = Paginator(reports.past_and_next(found, today), 24).get_page(request.GET.get("page"))
    rows = [reports.row_of(occurrence, found.household, today) for occurrence in page.object_list]
    months = reports.twelve_months(found, today)
    chart = bar_chart([(short_month(point.month), point.owed) for point in months])
    context = {"bill": found, "page": page, "rows": rows, "months": months, "chart": chart}
    context |= {"reminders": latest_entries(found, request.user), "reminder_days": lead_words(found)}
    return render(request, "bills/bill.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def bill_create(request: HttpRequest) -> HttpResponse:
    """Add a bill."""
    require_editor(request.membership)
    return edit(request, Bill(household=request.membership.household))


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def bill_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a bill; its past stays as it was."""
    return edit(request, bill_or_404(request, pk, to_edit=True))


def edit(request: HttpRequest, instance: Bill) -> HttpResponse:
    is_new = instance.pk is None
    form = BillForm(request.POST or None, instance=instance, household=instance.household)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_bill(actor=request.user, bill=form.save(commit=False))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.sentence)
        else:
            say(request, _("%(bill)s is saved.") % {"bill": instance})
            return redirect("bill", instance.pk)
    status = 422 if form.is_bound else 200
    return render(request, "bills/bill_form.html", {"form": form, "is_new": is_new}, status=status)


@require_POST
@household_required
def bill_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide a bill from today on."""
    found = bill_or_404(request, pk, to_edit=True)
    with refusing(request):
        services.deactivate_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is paused.") % {"bill": found}, undo=reverse("bill_resume", args=[pk]))
    return back_to(request, reverse("bill", args=[pk]))


@require_POST
@household_required
def bill_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a paused bill due again from today on."""
    found = bill_or_404(request, pk, to_edit=True)
    with refusing(request):
        services.activate_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is active again.") % {"bill": found})
    return back_to(request, reverse("bill", args=[pk]))


@require_POST
@household_required
def bill_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a bill in the bin for 30 days."""
    found = bill_or_404(request, pk, to_edit=True)
    services.delete_bill(actor=request.user, bill=found)
    say(request, _("%(bill)s is in the bin.") % {"bill": found}, undo=reverse("bill_restore", args=[pk]))
    return redirect("bill_list")


@require_POST
@household_required
def bill_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bill out of the bin."""
    found = bill_or_404(request, pk, to_edit=True, bills=Bill.objects.all())
    with refusing(request):
        services.restore_bill(actor=request.user, bill=found)
        say(request, _("%(bill)s is back.") % {"bill": found})
    return back_to(request, reverse("bin"))


@require_safe
@household_required
def bin_page(request: HttpRequest) -> HttpResponse:
    """List what was deleted and can still be restored."""
    household = request.membership.household
    bills = Bill.objects.in_bin().filter(household=household).order_by("-deleted_at")
    categories = Category.objects.in_bin().filter(household=household).order_by("-deleted_at")
    return render(request, "bills/bin.html", {"bills": bills[:500], "categories": categories[:500]})
