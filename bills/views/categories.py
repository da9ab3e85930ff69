"""Categories: one page to list, add and rename them."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bills import services
from bills.forms.categories import CategoryForm
from bills.models import Category
from billtracker.accounts.access.households import household_required, membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.pages import back_to, get_or_post, refusing, render_form, say


@get_or_post
@household_required
def category_list(request: HouseholdRequest) -> HttpResponse:
    """List the categories with how many bills each has; POST adds one."""
    household = request.membership.household
    form = CategoryForm(request.POST or None, instance=Category(household=household))
    if request.method == "POST":
        require_editor(request.membership)
        if _save(request, form):
            return redirect("bills:category_list")
    live_bills = Count("bills", filter=Q(bills__deleted_at=None))
    categories = household.categories.live().annotate(bill_count=live_bills)
    return render_form(request, "bills/category_list.html", form, {"categories": categories})


def _save(request: HouseholdRequest, form: CategoryForm) -> bool:
    """Save the form's category; False leaves its errors on the form."""
    if not form.is_valid():
        return False
    with form.catch_refusal("name"):
        category = services.save_category(actor=request.user, category=form.save(commit=False))
        say(request, _("%(category)s is saved.") % {"category": category})
        return True
    return False


def _category_or_404(request: HouseholdRequest, pk: int, categories=None) -> Category:
    """Return a category the user may edit: 404 for outsiders, 403 for viewers."""
    categories = Category.objects.live() if categories is None else categories
    found = get_object_or_404(categories.visible_to(request.user).select_related("household"), pk=pk)
    request.membership = membership_for(request.user, found.household_id)
    require_editor(request.membership)
    return found


@get_or_post
@household_required
def category_edit(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Rename a category."""
    category = _category_or_404(request, pk)
    form = CategoryForm(request.POST or None, instance=category)
    if request.method == "POST" and _save(request, form):
        return redirect("bills:category_list")
    return render_form(request, "bills/category_form.html", form, {"category": category})


@require_POST
@household_required
def category_delete(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Put a category in the bin; its bills show none meanwhile."""
    category = _category_or_404(request, pk)
    services.delete_category(actor=request.user, category=category)
    undo = reverse("bills:category_restore", args=[pk])
    say(request, _("%(category)s is in the bin.") % {"category": category}, undo=undo)
    return redirect("bills:category_list")


@require_POST
@household_required
def category_restore(request: HouseholdRequest, pk: int) -> HttpResponse:
    """Take a category out of the bin."""
    category = _category_or_404(request, pk, Category.objects.all())
    with refusing(request):
        services.restore_category(actor=request.user, category=category)
        say(request, _("%(category)s is back.") % {"category": category})
    return back_to(request, reverse("bills:bin"))
