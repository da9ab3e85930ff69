"""Payer groups: which clients may pay for each other."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.access import OfficeRequest, require_office
from billing.forms.payer_groups import PayerGroupForm
from billing.models import PayerGroup
from billing.rules.policy import Permission
from billing.services import delete_payer_group, save_payer_group
from billtracker.core.web.pages import get_or_post, paginate, refusing, render_form, say

PAGE = 50


@require_safe
@require_office()
def payer_group_list(request: OfficeRequest) -> HttpResponse:
    """List the payer groups with their clients."""
    page = paginate(request, PayerGroup.objects.prefetch_related("members"), PAGE)
    may_edit = Permission.EDIT_CLIENTS in request.permissions
    return render(request, "billing/payer_group_list.html", {"page": page, "may_edit": may_edit})


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def payer_group_create(request: OfficeRequest) -> HttpResponse:
    """Make a payer group."""
    return _edit(request, PayerGroup())


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def payer_group_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a payer group; what is applied already stays applied."""
    return _edit(request, get_object_or_404(PayerGroup, pk=pk))


def _edit(request: OfficeRequest, group: PayerGroup) -> HttpResponse:
    form = PayerGroupForm(request.POST or None, group=group)
    if form.is_bound and form.is_valid():
        name, members = form.cleaned_data["name"], form.cleaned_data["members"]
        with form.catch_refusal():
            group = save_payer_group(
                actor=request.user, name=name, members=members, group=group if group.pk else None
            )
            say(request, _("%(group)s is saved.") % {"group": group})
            return redirect("billing:payer_group_list")
    return render_form(request, "billing/payer_group_form.html", form, {"group": group})


@require_POST
@require_office(Permission.EDIT_CLIENTS)
def payer_group_delete(request: OfficeRequest, pk: int) -> HttpResponse:
    """Delete a payer group; its clients stay."""
    group = get_object_or_404(PayerGroup, pk=pk)
    with refusing(request):
        delete_payer_group(actor=request.user, group=group)
        say(request, _("%(group)s is deleted. Its clients stay.") % {"group": group})
    return redirect("billing:payer_group_list")
