"""API tokens: shown once, kept as a hash, with scope, expiry and last use."""

import datetime as dt
import hashlib
import logging
import secrets

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from billtracker.accounts.models import ApiToken, User
from billtracker.core import audit
from billtracker.core.data.database_errors import fault_of
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)

PREFIX = "bt_"  # lets secret scanners recognise one
MAX_DAYS = 3660
MAX_TOKENS = 50  # that work at the same time, for one person
RESOLUTION = dt.timedelta(minutes=1)


def hash_token(plain: str) -> str:
    """Return what is kept of a token. It has 256 random bits, so one SHA-256 is enough."""
    return hashlib.sha256(plain.encode()).hexdigest()


def make_token(
    *, user: User, scope: str, name: str = "", days: int | None = None, actor: User | None = None
) -> tuple[ApiToken, str]:
    """Create a token for ``user`` and return it with its plain text, which is kept nowhere; audited.

    ``days`` is its lifetime, None for no end. Raises DomainError for a wrong scope, name or lifetime.
    """
    if scope not in ApiToken.Scope.values:
        raise DomainError(f"The scope is read or write, not {scope!r}.", field="scope")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise DomainError(f"A token lives from 1 to {MAX_DAYS} days.", field="days")
    name = name.strip() or "API token"
    if len(name) > 80:
        raise DomainError("A token's name has at most 80 characters.", field="name")
    plain = PREFIX + secrets.token_urlsafe(32)
    expires_at = timezone.now() + dt.timedelta(days=days) if days else None
    with transaction.atomic():
        # One at a time for each person: two at once must not both find room for the last one.
        User.objects.select_for_update().get(pk=user.pk)
        if ApiToken.objects.live().filter(user=user).count() >= MAX_TOKENS:
            raise DomainError(
                f"{user} has {MAX_TOKENS} working tokens, which is the most. Revoke one that is not needed; "
                "nothing was made."
            )
        token = ApiToken.objects.create(
            user=user, name=name, scope=scope, expires_at=expires_at, hash=hash_token(plain)
        )
        changes = {"scope": [None, scope], "expires_at": [None, expires_at]}
        audit.record(actor or user, "token.created", token, changes, scope=audit.OFFICE)
    return token, plain


def find_token(plain: str) -> ApiToken | None:
    """Return the live token of an active user with this plain text, and note its use; else None."""
    token = ApiToken.objects.live().select_related("user").filter(hash=hash_token(plain)).first()
    if token:
        _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    """Remember the minute of the last use: at most one write in a minute, and none that a request needs."""
    now = timezone.now()
    if token.last_used_at and now - token.last_used_at < RESOLUTION:
        return
    try:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - RESOLUTION)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    except DatabaseError as error:  # on a full disk a read goes on
        if fault_of(error) is None:
            raise
        logger.warning("The last use of an API token could not be noted: %s", error)


def revoke_token(*, actor: User, token: ApiToken) -> ApiToken:
    """End a token at once; audited. Revoking it again changes nothing."""
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if ended:
            audit.record(actor, "token.revoked", token, scope=audit.OFFICE)
    token.refresh_from_db()
    return token
