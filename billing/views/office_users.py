"""The office's users: an Admin gives and takes its roles."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from billing.access import OfficeRequest, require_office
from billing.forms.office_users import AddUserForm, RolesForm
from billing.reports.office import office_members, office_user
from billing.rules.policy import Permission
from billing.services import add_office_user, change_office_roles
from billtracker.core.web.pages import get_or_post, paginate, render_form, say

PAGE = 50


@get_or_post
@require_office(Permission.ADMINISTER)
def office_user_list(request: OfficeRequest) -> HttpResponse:
    """List who has a role in the office; give roles to somebody else who has an account."""
    form = AddUserForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with form.catch_refusal():
            user = add_office_user(actor=request.user, **form.cleaned_data)
            say(request, _("%(user)s has a role in the office now.") % {"user": user})
            return redirect("billing:office_users")
    page = paginate(request, office_members().prefetch_related("groups"), PAGE)
    context = {"page": page, "people": [office_user(user) for user in page]}
    return render_form(request, "billing/office_user_list.html", form, context)


@get_or_post
@require_office(Permission.ADMINISTER)
def office_user_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change somebody's roles in the office; nobody changes their own."""
    person = office_user(get_object_or_404(office_members(), pk=pk))
    is_sent = request.method == "POST"
    form = RolesForm(request.POST if is_sent else None, initial={"roles": list(person.roles)})
    if is_sent and form.is_valid():
        with form.catch_refusal():
            user = change_office_roles(actor=request.user, user=person.user, roles=form.cleaned_data["roles"])
            say(request, _("The roles of %(user)s are saved.") % {"user": user})
            return redirect("billing:office_users")
    return render_form(request, "billing/office_user_form.html", form, {"person": person})
