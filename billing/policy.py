"""Who may do what in the office: one table for pages, API, commands and tests."""

from enum import StrEnum

from billtracker.core.exceptions import NotAllowed


class Role(StrEnum):
    """The office's four roles; each is a Django group of that name."""

    ADMIN = "Admin"
    BILLER = "Biller"
    REVIEWER = "Reviewer"
    VIEWER = "Viewer"


class Act(StrEnum):
    """What a person does in the office; the words complete "may not …"."""

    READ = "read the office's books"
    READ_AUDIT = "read the audit log"
    EDIT_CLIENTS = "edit clients and engagements"
    DRAFT = "make, edit and submit drafts"
    REVIEW = "return, issue, void and reissue statements"
    RECORD_PAYMENTS = "record and allocate payments"
    VERIFY_PAYMENTS = "verify and void payments and write off"
    ADMINISTER = "change sequences, periods and the office profile"


EVERYBODY = frozenset(Role)
ALLOWED: dict[Act, frozenset[Role]] = {
    Act.READ: EVERYBODY,
    Act.READ_AUDIT: frozenset({Role.ADMIN, Role.REVIEWER}),
    Act.EDIT_CLIENTS: EVERYBODY - {Role.VIEWER},
    Act.DRAFT: EVERYBODY - {Role.VIEWER},
    Act.REVIEW: frozenset({Role.ADMIN, Role.REVIEWER}),
    Act.RECORD_PAYMENTS: EVERYBODY - {Role.VIEWER},
    Act.VERIFY_PAYMENTS: frozenset({Role.ADMIN, Role.REVIEWER}),
    Act.ADMINISTER: frozenset({Role.ADMIN}),
}


def roles_of(user) -> frozenset[Role]:
    """Return the user's office roles; none for strangers and switched-off accounts. One query."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return frozenset(
        Role(name) for name in user.groups.filter(name__in=list(Role)).values_list("name", flat=True)
    )


def may(user, act: Act) -> bool:
    """Say whether the user may do that."""
    return bool(roles_of(user) & ALLOWED[act])


def acts_of(user) -> frozenset[Act]:
    """Return everything the user may do, for pages that show only what works."""
    roles = roles_of(user)
    return frozenset(act for act, allowed in ALLOWED.items() if roles & allowed)


def require(user, act: Act) -> None:
    """Raise NotAllowed unless one of the user's roles does that."""
    if not may(user, act):
        raise NotAllowed(f"With your role you may not {act}. Nothing was changed.")
