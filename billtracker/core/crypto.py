"""Secrets at rest: a text field encrypted with our own keys, and what to do when a key is lost."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models, transaction


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


def cipher() -> MultiFernet:
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
    return cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> "str | Lost":
    """Return the text, or ``Lost`` when no key opens the token (or the token was damaged)."""
    try:
        return cipher().decrypt(token.encode()).decode()
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
        return decrypt(value) if value else value

    def get_db_prep_save(self, value, connection):
        if isinstance(value, Lost):
            return value.token
        if hasattr(value, "resolve_expression") or not value:
            return super().get_db_prep_save(value, connection)
        return encrypt(str(value))

    def get_lookup(self, lookup_name):
        lookup = super().get_lookup(lookup_name)
        return lookup if lookup_name == "isnull" else only_for_empty(lookup)


def only_for_empty(lookup):
    """Return the lookup class, guarded: ciphertext differs each time, so it can find nothing."""
    if lookup is None:
        return None

    class Guarded(lookup):
        def __init__(self, lhs, rhs):
            if rhs != "" or self.lookup_name != "exact":
                raise FieldError("Encrypted text cannot be searched for.")
            super().__init__(lhs, rhs)

    return Guarded


@transaction.atomic
def reencrypt(model: type[models.Model]) -> tuple[int, int]:
    """Encrypt every secret of the model's encrypted fields anew with the first key.

    Returns how many values were written and how many are lost; those are left as they are.
    """
    written = lost = 0
    fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
    for field in fields:
        for row in model._base_manager.select_for_update().only("pk", field.name).iterator(500):
            value = getattr(row, field.attname)
            if isinstance(value, Lost):
                lost += 1
            elif value:
                written += model._base_manager.filter(pk=row.pk).update(**{field.name: value})
    return written, lost
