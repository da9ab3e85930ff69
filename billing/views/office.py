"""The office: who it is."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.access import office_door, require_act
from billing.client_forms import OfficeForm
from billing.policy import Act
from billing.reports.office import office_profile
from billing.services import save_office
from billing.views.pictures import picture
from billtracker.core.doors import say
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import time_zone_names


@require_http_methods(["GET", "HEAD", "POST"])
@office_door()
def office_profile_page(request: HttpRequest) -> HttpResponse:
    """Show who the office is; an Admin changes it here."""
    office = office_profile()
    has_logo, is_without_four_eyes = bool(office.logo), not office.has_four_eyes
    if Act.ADMINISTER not in request.acts:
        if request.method == "POST":
            require_act(request, Act.ADMINISTER)
        return render(request, "billing/office.html", {"office": office})
    form = OfficeForm(request.POST or None, request.FILES or None, instance=office)
    if request.method == "POST" and form.is_valid():
        try:
            save_office(actor=request.user, office=form.filled())
        except DomainError as error:
            form.add_refusal(error)
        else:
            say(request, _("The office is saved. What is issued from now on says so."))
            return redirect("office_profile")
    context = {"form": form, "zones": time_zone_names(), "has_logo": has_logo}
    context["is_without_four_eyes"] = is_without_four_eyes
    return render(request, "billing/office_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@office_door()
def office_logo(request: HttpRequest) -> FileResponse:
    """Show the office's logo."""
    return picture(office_profile().logo.name)
