"""Files of clients that come into the office."""

from django.utils.translation import gettext_lazy as _

from billing.access import OfficeRequest, require_office, require_permission
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.audit import OFFICE, Scope
from billtracker.core.imports.views import FilePages


class OfficeFiles(FilePages[OfficeRequest]):
    """The pages under /billing/files/."""

    kinds = ("clients",)
    namespace = "billing"
    title = _("Client files")
    imports = (("clients", _("Import clients")),)
    why_not = _("Admins, billers and reviewers can bring files in; your role is viewer.")
    access_check = staticmethod(require_office())

    def scope_of(self, request: OfficeRequest) -> Scope:
        return OFFICE

    def admit(self, request: OfficeRequest, scope: str, *, to_edit: bool) -> None:
        if to_edit:
            require_permission(request, Permission.EDIT_CLIENTS)

    def may_edit(self, request: OfficeRequest) -> bool:
        return Permission.EDIT_CLIENTS in request.permissions

    def time_zone(self, request: OfficeRequest) -> str:
        return office_profile().time_zone
