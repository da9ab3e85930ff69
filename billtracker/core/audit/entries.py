"""What one entry holds: values that read back the same on every machine, and the hash over all of them."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from billtracker.core.models import AuditEntry

GENESIS = "0" * 64  # before the first entry of a chain
AS_HASHED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def as_json(value):
    """Turn one value of ``changes`` into JSON that reads back the same on every machine."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return storable(value)
        case Decimal():
            return f"{value:f}"
        case list() | tuple():
            return [as_json(part) for part in value]
        case dt.datetime() | dt.date():
            return value.isoformat()
        case Mapping():
            return {storable(str(key)): as_json(part) for key, part in value.items()}
    raise TypeError(f"An audit entry cannot hold a {type(value).__name__}.")


def storable(text: str) -> str:
    """Return the text without what Postgres and UTF-8 cannot hold: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def digest(previous: str, entry: AuditEntry) -> str:
    """Return the SHA-256 over the previous hash and every field of the entry."""
    body = [
        previous, entry.scope, entry.position, entry.at.astimezone(dt.UTC).isoformat(), entry.actor_id,
        entry.actor_name, entry.action, entry.target_type, entry.target_id, entry.target_name, entry.changes,
        entry.reason, entry.source, entry.request_id,
    ]  # fmt: skip
    return hashlib.sha256(AS_HASHED.encode(body).encode()).hexdigest()
