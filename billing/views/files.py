"""Files of clients that come into the office."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.access import office_door, require_act
from billing.policy import Act
from billing.reports.office import office_profile
from billtracker.core.audit import OFFICE
from billtracker.core.imports.views import FilePages


class OfficeFiles(FilePages):
    """The pages under /billing/files/."""

    kinds = ("clients",)
    prefix = "office_"
    title = _("Client files")
    imports = (("clients", _("Import clients")),)
    why_not = _("Admins, billers and reviewers can bring files in; your role is viewer.")
    door = staticmethod(office_door())

    def scope_of(self, request: HttpRequest) -> str:
        return OFFICE

    def admit(self, request: HttpRequest, scope: str, *, to_edit: bool) -> None:
        if to_edit:
            require_act(request, Act.EDIT_CLIENTS)

    def may_edit(self, request: HttpRequest) -> bool:
        return Act.EDIT_CLIENTS in request.acts

    def time_zone(self, request: HttpRequest) -> str:
        return office_profile().time_zone
