"""Fingerprints of the secret keys: they tell that a key changed and nothing of the key."""

import datetime as dt
import hashlib
from functools import lru_cache

from django.conf import settings

ROUNDS = 100_000  # slow enough that a weak key is not guessed from a stolen database


@lru_cache(maxsize=16)
def fingerprint(key: str) -> str:
    """Return 16 hexadecimal digits that the same key gives again."""
    return hashlib.pbkdf2_hmac("sha256", key.encode(), b"billtracker key fingerprint", ROUNDS).hex()[:16]


def _fingerprints() -> dict:
    """Return the fingerprints of the keys this process has."""
    return {
        "secret_key": fingerprint(settings.SECRET_KEY),
        "encryption_keys": [fingerprint(key) for key in settings.ENCRYPTION_KEYS],
    }


def compare_fingerprints(known: dict, now: dt.datetime) -> dict:
    """Return today's fingerprints, with the time at which one was first found to be another than before."""
    today = _fingerprints()
    changed = {name: known.get(name) for name in ("secret_key_changed_at", "encryption_key_lost_at")}
    if known and known["secret_key"] != today["secret_key"]:
        changed["secret_key_changed_at"] = now.isoformat()
    if set(known.get("encryption_keys", ())) - set(today["encryption_keys"]):
        changed["encryption_key_lost_at"] = now.isoformat()
    return today | changed
