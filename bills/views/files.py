"""Files of bills and payments that come into a household."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billtracker.accounts.households import household_required, membership_for, require_editor
from billtracker.core.imports.views import FilePages


class HouseholdFiles(FilePages):
    """The pages under /data/."""

    kinds = ("bills", "payments")
    title = _("Data")
    imports = (("bills", _("Import bills")), ("payments", _("Import payments")))
    why_not = _("Owners and editors of the household can bring files in; your role is viewer.")
    door = staticmethod(household_required)

    def scope_of(self, request: HttpRequest) -> str:
        return request.membership.household.audit_scope

    def admit(self, request: HttpRequest, scope: str, *, to_edit: bool) -> None:
        """Make the file's household the request's."""
        request.membership = membership_for(request.user, int(scope.removeprefix("household:")))
        if to_edit:
            require_editor(request.membership)

    def may_edit(self, request: HttpRequest) -> bool:
        return request.membership.may_edit

    def time_zone(self, request: HttpRequest) -> str:
        return request.membership.household.time_zone
