"""The office: who it is."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.access import OfficeRequest, require_office, require_permission
from billing.forms.clients import OfficeForm
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billing.services import save_office
from billing.views.pictures import picture
from billtracker.core.periods import time_zone_names
from billtracker.core.web.pages import get_or_post, render_form, say


@get_or_post
@require_office()
def office_profile_page(request: OfficeRequest) -> HttpResponse:
    """Show who the office is; an Admin changes it here."""
    office = office_profile()
    has_logo, allows_one_person = bool(office.logo), not office.requires_second_person
    if Permission.ADMINISTER not in request.permissions:
        if request.method == "POST":
            require_permission(request, Permission.ADMINISTER)
        return render(request, "billing/office.html", {"office": office})
    form = OfficeForm(request.POST or None, request.FILES or None, instance=office)
    if request.method == "POST" and form.is_valid():
        with form.catch_refusal():
            save_office(actor=request.user, office=form.build())
            say(request, _("The office is saved. What is issued from now on says so."))
            return redirect("billing:office_profile")
    context = {"zones": time_zone_names(), "has_logo": has_logo}
    context["allows_one_person"] = allows_one_person
    return render_form(request, "billing/office_form.html", form, context)


@require_safe
@require_office()
def office_logo(request: OfficeRequest) -> FileResponse:
    """Show the office's logo."""
    return picture(office_profile().logo.name)
