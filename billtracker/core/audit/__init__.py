"""The audit log: append-only entries, hash-chained per scope, written in the service's transaction."""

from billtracker.core.audit.recording import changed_fields, lock_chain, record, record_many
from billtracker.core.audit.scopes import HOUSEHOLDS, OFFICE, Scope
from billtracker.core.audit.sources import coming_from, request_id, source_of_change
from billtracker.core.audit.verification import Broken, verify

__all__ = [
    "HOUSEHOLDS",
    "OFFICE",
    "Broken",
    "Scope",
    "changed_fields",
    "coming_from",
    "lock_chain",
    "record",
    "record_many",
    "request_id",
    "source_of_change",
    "verify",
]
