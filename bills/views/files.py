"""Files of bills and payments that come into a household."""

from django.utils.translation import gettext_lazy as _

from billtracker.accounts.access.households import household_required, membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.audit import Scope
from billtracker.core.imports.views import FilePages


class HouseholdFiles(FilePages[HouseholdRequest]):
    """The pages under /data/."""

    kinds = ("bills", "payments")
    title = _("Data")
    imports = (("bills", _("Import bills")), ("payments", _("Import payments")))
    why_not = _("Owners and editors of the household can bring files in; your role is viewer.")
    namespace = "bills"
    access_check = staticmethod(household_required)

    def scope_of(self, request: HouseholdRequest) -> Scope:
        return request.membership.household.audit_scope

    def admit(self, request: HouseholdRequest, scope: str, *, to_edit: bool) -> None:
        """Make the file's household the request's."""
        request.membership = membership_for(request.user, Scope(scope).household_id)
        if to_edit:
            require_editor(request.membership)

    def may_edit(self, request: HouseholdRequest) -> bool:
        return request.membership.may_edit

    def time_zone(self, request: HouseholdRequest) -> str:
        return request.membership.household.time_zone
