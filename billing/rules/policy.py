"""Who may do what in the office: one table for pages, API, commands and tests."""

from enum import StrEnum

from billtracker.core.exceptions import NotAllowed


class OfficeRole(StrEnum):
    """The office's four roles; each is a Django group of that name."""

    ADMIN = "Admin"
    BILLER = "Biller"
    REVIEWER = "Reviewer"
    VIEWER = "Viewer"


class Permission(StrEnum):
    """What a person does in the office; the words complete "may not …"."""

    READ = "read the office's books"
    READ_AUDIT = "read the audit log"
    EDIT_CLIENTS = "edit clients and engagements"
    DRAFT = "make, edit and submit drafts"
    REVIEW = "return, issue, void and reissue statements"
    RECORD_PAYMENTS = "record and allocate payments"
    VERIFY_PAYMENTS = "verify and void payments and write off"
    ADMINISTER = "change sequences, periods, users and the office profile"


EVERYBODY = frozenset(OfficeRole)
ALLOWED: dict[Permission, frozenset[OfficeRole]] = {
    Permission.READ: EVERYBODY,
    Permission.READ_AUDIT: frozenset({OfficeRole.ADMIN, OfficeRole.REVIEWER}),
    Permission.EDIT_CLIENTS: EVERYBODY - {OfficeRole.VIEWER},
    Permission.DRAFT: EVERYBODY - {OfficeRole.VIEWER},
    Permission.REVIEW: frozenset({OfficeRole.ADMIN, OfficeRole.REVIEWER}),
    Permission.RECORD_PAYMENTS: EVERYBODY - {OfficeRole.VIEWER},
    Permission.VERIFY_PAYMENTS: frozenset({OfficeRole.ADMIN, OfficeRole.REVIEWER}),
    Permission.ADMINISTER: frozenset({OfficeRole.ADMIN}),
}


def roles_of(user) -> frozenset[OfficeRole]:
    """Return the user's office roles; none for strangers and switched-off accounts. One query."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return frozenset(
        OfficeRole(name)
        for name in user.groups.filter(name__in=list(OfficeRole)).values_list("name", flat=True)
    )


def may(user, act: Permission) -> bool:
    """Say whether the user may do that."""
    return bool(roles_of(user) & ALLOWED[act])


def permissions_of(user) -> frozenset[Permission]:
    """Return everything the user may do, for pages that show only what works."""
    roles = roles_of(user)
    return frozenset(act for act, allowed in ALLOWED.items() if roles & allowed)


def require(user, act: Permission) -> None:
    """Raise NotAllowed unless one of the user's roles does that."""
    if not may(user, act):
        raise NotAllowed(f"With your role you may not {act}. Nothing was changed.")
