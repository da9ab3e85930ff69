"""Secrets at rest: a text field encrypted with our own keys, and what to do when a key is lost."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Cast

CHUNK = 200  # rows rewritten in one transaction: others wait for so long at most


class Lost:
    """What a page gets instead of a secret whose key is gone: false, empty, "enter again".

    ``token`` is the ciphertext as it stands in the database, so that saving the row again does
    not destroy what the right key could still open.
    """

    is_lost = True

    def __init__(self, token: str):
        self.token = token

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "<Lost: enter again>"

    def __eq__(self, other) -> bool:
        return isinstance(other, Lost) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


def _cipher() -> MultiFernet:
    """Return the cipher of today's ``ENCRYPTION_KEYS``: the first encrypts, all of them decrypt."""
    return make_cipher(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def make_cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS must be one or more Fernet keys (44 characters each), separated by commas."
        ) from None


def encrypt(text: str) -> str:
    """Return the ciphertext of ``text``; the same text gives another one each time."""
    return _cipher().encrypt(text.encode()).decode()


def _decrypt(token: str) -> "str | Lost":
    """Return the text, or ``Lost`` when no key opens the token (or the token was damaged)."""
    try:
        return _cipher().decrypt(token.encode()).decode()
    except (InvalidToken, UnicodeError):
        return Lost(token)


def is_lost(value) -> bool:
    """Say whether a field's value is a secret that no key opens any more."""
    return isinstance(value, Lost)


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database. Empty text and NULL stay as they are.

    Reading never raises: a value that no key opens is ``Lost``. It cannot be searched for;
    lookups other than ``isnull`` and the empty text raise FieldError.
    """

    description = "Encrypted text"

    def from_db_value(self, value, expression, connection):
        return _decrypt(value) if value else value

    def get_db_prep_save(self, value, connection):
        if isinstance(value, Lost):
            return value.token
        if hasattr(value, "resolve_expression") or not value:
            return super().get_db_prep_save(value, connection)
        return encrypt(str(value))

    def get_lookup(self, lookup_name):
        lookup = super().get_lookup(lookup_name)
        return lookup if lookup_name == "isnull" else _only_for_empty(lookup)


def _only_for_empty(lookup: Any) -> Any:
    """Return the lookup class, guarded: ciphertext differs each time, so it can find nothing."""
    if lookup is None:
        return None

    class Guarded(lookup):
        def __init__(self, lhs, rhs):
            if rhs != "" or self.lookup_name != "exact":
                raise FieldError("Encrypted text cannot be searched for.")
            super().__init__(lhs, rhs)

    return Guarded


# --- another key -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Rotation:
    """What rotating one model's secrets did; the values that are lost stay as they are."""

    model: str
    rotated: int = 0
    current: int = 0  # were under the first key already
    lost: int = 0

    def __add__(self, other: "Rotation") -> "Rotation":
        counts = (self.rotated + other.rotated, self.current + other.current, self.lost + other.lost)
        return Rotation(self.model, *counts)


def encrypted_fields(model: type[models.Model]) -> list[str]:
    return [
        field.name for field in model._meta.local_concrete_fields if isinstance(field, EncryptedTextField)
    ]


def models_with_secrets() -> list[type[models.Model]]:
    """Return every model of every app that keeps encrypted text in a table of its own."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and encrypted_fields(model)
    ]


def reencrypt(model: type[models.Model], *, chunk: int = CHUNK) -> Rotation:
    """Encrypt the model's secrets anew with the first key, ``chunk`` rows in each transaction.

    A process that dies leaves every value readable with the keys of before; a second run does the rest.
    Rows are locked while they are rewritten, so a value that changes meanwhile is never put back.
    """
    done, last = Rotation(model._meta.label), None
    while True:
        step, last = reencrypt_chunk(model, after=last, size=chunk)
        done += step
        if last is None:
            return done


@transaction.atomic
def reencrypt_chunk(model: type[models.Model], *, after, size: int) -> tuple[Rotation, object]:
    """Rewrite the ``size`` rows behind the key ``after``, and return the last key, None at the end."""
    names, done = encrypted_fields(model), Rotation(model._meta.label)
    # As text they come as they stand in the database.
    tokens = {f"{name}_token": Cast(name, models.TextField()) for name in names}
    rows = model._base_manager.order_by("pk").select_for_update()
    rows = rows.filter(pk__gt=after) if after is not None else rows
    last = None
    for last, *values in list(rows.annotate(**tokens).values_list("pk", *tokens)[:size]):
        known = {name: token for name, token in zip(names, values, strict=True) if token}
        fresh = {name: rotate_token(token) for name, token in known.items()}
        changed = {name: token for name, token in fresh.items() if token and token != known[name]}
        if changed:
            written = {name: Value(token, models.TextField()) for name, token in changed.items()}
            model._base_manager.filter(pk=last).update(**written)
        lost = sum(token is None for token in fresh.values())
        done += Rotation(done.model, len(changed), len(fresh) - len(changed) - lost, lost)
    return done, last


def rotate_token(token: str) -> str | None:
    """Return the token under the first key, itself when it is so already, None when no key opens it."""
    keys = tuple(settings.ENCRYPTION_KEYS)
    with suppress(InvalidToken, UnicodeError):
        make_cipher(keys[:1]).decrypt(token.encode())
        return token
    with suppress(InvalidToken, UnicodeError):
        return make_cipher(keys).rotate(token.encode()).decode()
    return None
