"""Append entries, each chained to the one before it, in the transaction of the change they record."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from billtracker.core.audit.entries import GENESIS, as_json, digest, storable
from billtracker.core.audit.sources import request_id, source_of_change
from billtracker.core.data.bulk_writes import copies, insert_all
from billtracker.core.models import AuditChain, AuditEntry


def lock_chain(scope: str) -> AuditChain:
    """Hold the scope's chain until the end of the transaction, so that its changes come in order."""
    locked = AuditChain.objects.select_for_update()
    if chain := locked.filter(scope=scope).first():
        return chain
    AuditChain.objects.get_or_create(scope=scope, defaults={"last_hash": GENESIS})
    return locked.get(scope=scope)


def record(
    actor, action: str, target, changes: Mapping | None = None, reason: str = "", *, scope: str = ""
) -> AuditEntry:
    """Append one entry; call it inside the transaction of the change it records.

    ``actor`` is a user, or None for the server itself. ``action`` is ``noun.verb_past``
    (``statement.issued``). ``changes`` maps field to [before, after]. ``scope`` defaults to the
    target's ``audit_scope``. Raises TransactionManagementError outside a transaction.
    """
    chain = _open_chain(scope or target.audit_scope)
    entry = _chain(chain, _blank_entry(chain, actor, action, reason), target, changes or {})
    entry.save(force_insert=True)
    chain.save(update_fields=["length", "last_hash"])
    return entry


def record_many(
    actor, action: str, targets: Iterable[tuple[Model, Mapping]], reason: str = "", *, scope: str
) -> int:
    """Append one entry for each (target, changes), in order, by the rules of ``record``; returns how many."""
    chain, named = _open_chain(scope), list(targets)
    blanks = copies(_blank_entry(chain, actor, action, reason), len(named))
    pairs = zip(blanks, named, strict=True)
    count = insert_all(AuditEntry, [_chain(chain, blank, *target) for blank, target in pairs])
    chain.save(update_fields=["length", "last_hash"])
    return count


def changed_fields(before: Mapping, after: Mapping) -> dict:
    """Return {field: [before, after]} for the fields that differ."""
    return {key: [before.get(key), after[key]] for key in after if before.get(key) != after[key]}


def _open_chain(scope: str) -> AuditChain:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit.record belongs into the service's transaction.")
    return lock_chain(scope)


def _blank_entry(chain: AuditChain, actor, action: str, reason: str) -> AuditEntry:
    """Return an unsaved entry of now, without its target and its place in the chain."""
    return AuditEntry(
        scope=chain.scope,
        at=timezone.now(),
        actor_id=getattr(actor, "pk", None),
        actor_name=actor.get_username() if actor else "server",
        action=action,
        reason=storable(reason),
        source=source_of_change.get(),
        request_id=request_id.get(),
    )


def _chain(chain: AuditChain, entry: AuditEntry, target: Model, changes: Mapping) -> AuditEntry:
    """Let the entry tell of the target and follow the chain's last one; it is the chain's head now."""
    entry.position = chain.length + 1
    entry.target_type, entry.target_id = target._meta.label_lower, str(target.pk)
    entry.target_name = storable(str(target))[:200]
    entry.changes = as_json(changes)
    entry.hash = digest(chain.last_hash, entry)
    chain.length, chain.last_hash = entry.position, entry.hash
    return entry
