"""API tokens: shown once, kept as a hash, with scope, expiry and last use."""

import datetime as dt
import hashlib
import secrets

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from billtracker.accounts.models import ApiToken, User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError

PREFIX = "bt_"  # lets secret scanners recognise one
MAX_DAYS = 3660
LAST_USE_SECONDS = 400 * 24 * 3600


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
        # In the cache, not in the row: a request that only reads must not write to the database.
        cache.set(_last_use_key(token), timezone.now(), LAST_USE_SECONDS)
    return token


def revoke_token(*, actor: User, token: ApiToken) -> ApiToken:
    """End a token at once; audited. Revoking it again changes nothing."""
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if ended:
            audit.record(actor, "token.revoked", token, scope=audit.OFFICE)
    token.refresh_from_db()
    return token


def _last_use_key(token: ApiToken) -> str:
    return f"api-token-used:{token.pk}"


def last_uses(tokens: list[ApiToken]) -> dict[int, dt.datetime]:
    """Return when each token was used last, by its id; tokens never used are left out."""
    keys = {_last_use_key(token): token.pk for token in tokens}
    return {keys[key]: at for key, at in cache.get_many(keys).items()}
