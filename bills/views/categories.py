"""Categories: one page to list, add and rename them."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bills import services
from bills.forms import CategoryForm
from bills.models import Category
from billtracker.accounts.households import household_required, membership_for, require_editor
from billtracker.core.doors import back_to, refusing, say
from billtracker.core.exceptions import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def category_list(request: HttpRequest) -> HttpResponse:
    """List the categories with how many bills each has; POST adds one."""
    household = request.membership.household
    form = CategoryForm(request.POST or None, instance=Category(household=household))
    if request.method == "POST":
        require_editor(request.membership)
        if save(request, form):
            return redirect("category_list")
    live_bills = Count("bills", filter=Q(bills__deleted_at=None))
    categories = Category.objects.live().filter(household=household).annotate(bill_count=live_bills)
    status = 422 if form.is_bound else 200
    return render(
        request, "bills/category_list.html", {"form": form, "categories": categories}, status=status
    )


def save(request: HttpRequest, form: CategoryForm) -> bool:
    """Save the form's category; False leaves its errors on the form."""
    if not form.is_valid():
        return False
    try:
        category = services.save_category(actor=request.user, category=form.save(commit=False))
    except DomainError as error:
        form.add_error("name", error.sentence)
        return False
    say(request, _("%(category)s is saved.") % {"category": category})
    return True


def category_or_404(request: HttpRequest, pk: int, categories=None) -> Category:
    """Return a category the user may edit: 404 for outsiders, 403 for viewers."""
    categories = Category.objects.live() if categories is None else categories
    found = get_object_or_404(categories.visible_to(request.user).select_related("household"), pk=pk)
    request.membership = membership_for(request.user, found.household_id)
    require_editor(request.membership)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a category."""
    category = category_or_404(request, pk)
    form = CategoryForm(request.POST or None, instance=category)
    if request.method == "POST" and save(request, form):
        return redirect("category_list")
    status = 422 if form.is_bound else 200
    return render(request, "bills/category_form.html", {"form": form, "category": category}, status=status)


@require_POST
@household_required
def category_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a category in the bin; its bills show none meanwhile."""
    category = category_or_404(request, pk)
    services.delete_category(actor=request.user, category=category)
    undo = reverse("category_restore", args=[pk])
    say(request, _("%(category)s is in the bin.") % {"category": category}, undo=undo)
    return redirect("category_list")


@require_POST
@household_required
def category_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a category out of the bin."""
    category = category_or_404(request, pk, Category.objects.all())
    with refusing(request):
        services.restore_category(actor=request.user, category=category)
        say(request, _("%(category)s is back.") % {"category": category})
    return back_to(request, reverse("bin"))
