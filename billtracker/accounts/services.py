"""What can be done to accounts: create, change, switch off; never without an administrator left."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, ProtectedError
from django.urls import reverse

from billtracker.accounts.models import Household, Membership, Role, User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed

ADMINISTRATOR = "administrator"
OFFICE_ROLES = ("Admin", "Biller", "Reviewer", "Viewer")  # Django groups
ROLES = {ADMINISTRATOR: ADMINISTRATOR, **{name.lower(): name for name in OFFICE_ROLES}}
LAST_ADMINISTRATOR = (
    "This is the last active administrator. Make somebody else administrator first; nothing was changed."
)


# --- accounts ----------------------------------------------------------------------------------
def _roles_named(names: Iterable[str]) -> set[str]:
    """Return the roles of these names, in any case; DomainError names one that does not exist."""
    found = set()
    for name in names:
        if name.strip().lower() not in ROLES:
            raise DomainError(f"There is no role {name!r}; choose from {', '.join(ROLES)}.", field="role")
        found.add(ROLES[name.strip().lower()])
    return found


def create_user(
    *, actor: User | None, username: str, password: str, email: str = "", roles: Iterable[str] = ()
) -> User:
    """Create an account with its roles and a household of its own; audited.

    Raises DomainError for a taken or malformed name, a weak password and an unknown role.
    """
    granted = _roles_named(roles)
    is_administrator = ADMINISTRATOR in granted
    user = User(
        username=User.normalize_username(username.strip()),
        email=email.strip(),
        is_superuser=is_administrator,
        is_staff=is_administrator,
    )
    _check_password_strength(password, user)
    user.set_password(password)
    with transaction.atomic():
        _refuse_invalid(user)
        user.save(force_insert=True)
        user.groups.set(_office_groups(granted))
        audit.record(actor, "user.created", user, {"roles": [None, sorted(granted)]}, scope=audit.OFFICE)
        sync_email_address(user=user)
        ensure_personal_household(user=user)
    return user


def create_administrator(*, actor: User | None, username: str, password: str, email: str = "") -> User:
    """Create an account that administers this server and its office; raises DomainError like create_user.

    Nobody gives themselves a role, so whoever sets a server up could not begin to bill without this one.
    """
    roles = [ADMINISTRATOR, "Admin"]
    return create_user(actor=actor, username=username, password=password, email=email, roles=roles)


def sync_email_address(*, user: User) -> None:
    """Give the sign-in library the user's address as the primary one; nothing when it has it.

    It would do so itself when its page is looked at, and looking must not write.
    """
    if not user.email or EmailAddress.objects.filter(user=user, email__iexact=user.email).exists():
        return
    with transaction.atomic():
        EmailAddress.objects.filter(user=user, primary=True).update(primary=False)
        EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True, verified=False)


def _check_password_strength(password: str, user: User | None = None) -> None:
    """Raise DomainError with every reason why this password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), code="weak_password", field="password") from None


def _refuse_invalid(instance) -> None:
    """Raise DomainError with the first thing that is wrong with a model's fields or constraints."""
    try:
        instance.full_clean(exclude=["password"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], code="invalid", field=field) from None


def _office_groups(roles: Iterable[str]) -> list[Group]:
    """Return the groups of the office roles among ``roles``, made when missing."""
    return [Group.objects.get_or_create(name=role)[0] for role in sorted(roles) if role in OFFICE_ROLES]


def change_user(
    *,
    actor: User | None,
    user: User,
    is_active: bool | None = None,
    roles: Iterable[str] | None = None,
    office_only: bool = False,
) -> User:
    """Switch an account on or off and replace its roles; ends its sessions; audited.

    None leaves a thing as it is, ``office_only`` the server's own role. Raises DomainError for the last
    active administrator and NotAllowed for one's own roles.
    """
    with transaction.atomic():
        # Locked before anything is asked: two demotions at once must not both find another one.
        _lock_administrators()
        user = User.objects.select_for_update().get(pk=user.pk)
        had, was_active = roles_of(user), user.is_active
        stays = {ADMINISTRATOR} & set(had) if office_only else set()
        gets = had if roles is None else sorted(_roles_named(roles) | stays)
        is_active = was_active if is_active is None else is_active
        changes = audit.changed_fields(
            {"is_active": was_active, "roles": had}, {"is_active": is_active, "roles": gets}
        )
        if not changes:
            return user
        _refuse_own_roles(actor, user, had, gets)
        if not is_active or ADMINISTRATOR not in gets:
            _refuse_last_administrator(user)
        user.is_active = is_active
        user.is_superuser = user.is_staff = ADMINISTRATOR in gets
        user.session_version = F("session_version") + 1
        user.save(update_fields=["is_active", "is_superuser", "is_staff", "session_version"])
        user.groups.set(_office_groups(gets))
        user.refresh_from_db()
        audit.record(actor, "user.changed", user, changes, scope=audit.OFFICE)
    return user


def delete_user(*, actor: User | None, user: User) -> None:
    """Delete an account; audited.

    Raises DomainError for the last active administrator and for the only owner of a household,
    whose bills nobody could reach any more.
    """
    with transaction.atomic():
        _lock_administrators()
        _refuse_last_administrator(user)
        _refuse_only_owner(user)
        audit.record(actor, "user.deleted", user, scope=audit.OFFICE)
        try:
            user.delete()
        except ProtectedError:
            raise DomainError(
                f"{user} stands on the office's documents. Switch the account off instead; "
                "nothing was deleted.",
                code="in_documents",
            ) from None


def roles_of(user: User) -> list[str]:
    """Return the names of a user's server and office roles, sorted."""
    roles = set(user.groups.filter(name__in=OFFICE_ROLES).values_list("name", flat=True))
    return sorted(roles | ({ADMINISTRATOR} if user.is_superuser else set()))


def _lock_administrators() -> None:
    """Hold every administrator's row until the end of the transaction."""
    list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values_list("pk"))


def _refuse_last_administrator(user: User) -> None:
    """Raise DomainError when no other active administrator would be left."""
    administrators = User.objects.administrators()
    if administrators.filter(pk=user.pk).exists() and not administrators.exclude(pk=user.pk).exists():
        raise DomainError(LAST_ADMINISTRATOR, code="last_administrator")


def _refuse_only_owner(user: User) -> None:
    """Raise DomainError when a household would be left without an owner."""
    owned = Membership.objects.filter(role=Role.OWNER)
    others = owned.exclude(user=user).values("household")
    if owned.filter(user=user).exclude(household__in=others).exists():
        raise DomainError(
            f"{user} is the only owner of a household. Switch the account off instead; nothing was deleted.",
            code="only_owner",
        )


def _refuse_own_roles(actor: User | None, user: User, before: list[str], after: list[str]) -> None:
    """Raise NotAllowed when somebody changes their own roles."""
    if actor is not None and actor.pk == user.pk and before != after:
        raise NotAllowed("Nobody changes their own roles. Ask another administrator or Admin.")


# --- the first administrator -------------------------------------------------------------------
def setup_hash_path() -> Path:
    """Where the hash of the set-up link's token is kept while nobody has an account."""
    return Path(settings.DATA_DIR) / "setup.hash"


def prepare_first_administrator() -> str | None:
    """On an empty database: create the administrator the environment names, or return the path of
    a one-time set-up page. None when there is nothing to do.

    Raises DomainError when ADMIN_USERNAME or ADMIN_PASSWORD cannot be used.
    """
    if User.objects.exists():
        setup_hash_path().unlink(missing_ok=True)
        return None
    if settings.ADMIN_USERNAME and settings.ADMIN_PASSWORD:
        try:
            create_first_administrator(username=settings.ADMIN_USERNAME, password=settings.ADMIN_PASSWORD)
        except DomainError as error:
            raise DomainError(f"ADMIN_USERNAME, ADMIN_PASSWORD: {error.sentence}") from None
        return None
    token = secrets.token_urlsafe(32)
    path = setup_hash_path()
    path.touch(mode=0o600)
    path.write_text(hashlib.sha256(token.encode()).hexdigest(), encoding="ascii")
    return reverse("accounts:account_setup", args=[token])


def is_setup_token(token: str) -> bool:
    """Say whether this token opens the set-up page: nobody has an account and its hash is kept."""
    try:
        kept = setup_hash_path().read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    given = hashlib.sha256(token.encode()).hexdigest()
    return hmac.compare_digest(kept, given) and not User.objects.exists()


def create_first_administrator(*, username: str, password: str, email: str = "") -> User:
    """Create the administrator of an empty database; DomainError when somebody has an account."""
    with transaction.atomic():
        # The chain's lock lets one through when two set-ups come at the same time.
        audit.lock_chain(audit.OFFICE)
        if User.objects.exists():
            raise DomainError("This server has an account already; sign in with it.", code="set_up")
        user = create_administrator(actor=None, username=username, password=password, email=email)
        transaction.on_commit(lambda: setup_hash_path().unlink(missing_ok=True))
    return user


# --- households --------------------------------------------------------------------------------
def create_household(*, actor: User, name: str, **fields) -> Household:
    """Create a household that ``actor`` owns; audited. Raises DomainError for wrong fields."""
    household = Household(name=name.strip(), **{"time_zone": settings.TIME_ZONE, **fields})
    with transaction.atomic():
        _refuse_invalid(household)
        household.save(force_insert=True)
        Membership.objects.create(household=household, user=actor, role=Role.OWNER)
        audit.record(actor, "household.created", household, {"name": [None, household.name]})
    return household


def ensure_personal_household(*, user: User) -> Household | None:
    """Give a user who is in no household one of their own; None when there is nothing to do."""
    if user.memberships.exists():
        return None
    with transaction.atomic():
        # Of two sign-ins at the same time the second waits here and then finds the household.
        User.objects.select_for_update().get(pk=user.pk)
        if user.memberships.exists():
            return None
        name = (user.get_full_name() or user.get_username())[:80]
        return create_household(actor=user, name=f"{name}'s household")


def update_household(*, actor: User, household: Household, **fields) -> Household:
    """Change a household's settings; audited with before and after.

    Raises NotAllowed for anyone but an owner and DomainError for wrong values.
    """
    with transaction.atomic():
        household = Household.objects.select_for_update().get(pk=household.pk)
        if not household.memberships.filter(user=actor, role=Role.OWNER).exists():
            raise NotAllowed("Only an owner changes the household's settings. Nothing was changed.")
        before = {name: getattr(household, name) for name in fields}
        for name, value in fields.items():
            setattr(household, name, value)
        _refuse_invalid(household)
        household.save()
        if changes := audit.changed_fields(before, fields):
            audit.record(actor, "household.updated", household, changes)
    return household
