"""The office's users: which accounts have which of its four roles. Accounts themselves are the server's."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction

from billing.rules import policy
from billing.rules.policy import OfficeRole, Permission
from billtracker.accounts.models import User
from billtracker.accounts.services import change_user
from billtracker.core.exceptions import DomainError, NotAllowed


@transaction.atomic
def add_office_user(*, actor, login: str, roles: Iterable[OfficeRole]) -> User:
    """Give roles to an account that has none in the office, named by its user name or e-mail address.

    Raises DomainError when nobody is called that, when the account is switched off or has a role already.
    """
    policy.require(actor, Permission.ADMINISTER)
    user = _find_user(login.strip())
    if user is None:
        raise DomainError(
            "No account has this user name or e-mail address; an administrator of the server can create it. "
            "Nothing was changed.",
            code="no_account",
            field="login",
        )
    if not user.is_active:
        raise DomainError(f"The account {user} is switched off. Nothing was changed.", field="login")
    if policy.roles_of(user):
        raise DomainError(
            f"{user} has a role in the office already: change it in the list. Nothing was changed.",
            code="in_the_office",
            field="login",
        )
    return _replace_roles(actor, user, frozenset(roles))


@transaction.atomic
def change_office_roles(*, actor, user: User, roles: Iterable[OfficeRole]) -> User:
    """Replace the office roles of a user; none at all takes them out of the office. Ends their sessions.

    Raises NotAllowed for one's own roles, so an Admin always stays.
    """
    return _replace_roles(actor, user, frozenset(roles))


def _replace_roles(actor, user: User, roles: frozenset[OfficeRole]) -> User:
    """Let the user have exactly these of the office's roles; the server's own role stays."""
    # Of two Admins who take each other's role at once, the second is none any more when it asks.
    list(Group.objects.select_for_update().filter(name=OfficeRole.ADMIN))
    policy.require(actor, Permission.ADMINISTER)
    if actor.pk == user.pk:
        raise NotAllowed("Nobody changes their own roles. Ask another Admin; nothing was changed.")
    return change_user(actor=actor, user=user, roles=roles, office_only=True)


def _find_user(login: str) -> User | None:
    """Return who signs in with that user name, else with that e-mail address."""
    if not login:
        return None
    by_name = User.objects.filter(username=User.normalize_username(login)).first()
    return by_name or User.objects.filter(email__iexact=login).first()
