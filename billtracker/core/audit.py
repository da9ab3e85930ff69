"""The audit log: append-only entries, hash-chained per scope, written in the service's transaction."""

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from billtracker.core.bulk import copies, insert_all
from billtracker.core.models import AuditChain, AuditEntry

OFFICE = "office"  # the office and the server share one chain; each household has its own
GENESIS = "0" * 64
AS_HASHED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def command_of(argv: Sequence[str]) -> str:
    """Return ``command create_user`` for a process that manage.py started; empty for any other."""
    is_ours = len(argv) > 1 and PurePath(argv[0]).name == "manage.py"
    return f"command {argv[1]}"[:60] if is_ours else ""


COMMAND = command_of(sys.argv)
# Through which door a change comes, and in which request; set by middleware, jobs and imports.
source_of_change: ContextVar[str] = ContextVar("source_of_change", default=COMMAND)
request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def coming_from(source: str, request: str = "") -> Iterator[None]:
    """Let every entry that is recorded inside say that it came through this door."""
    tokens = source_of_change.set(source), request_id.set(request or request_id.get())
    try:
        yield
    finally:
        source_of_change.reset(tokens[0])
        request_id.reset(tokens[1])


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that does not fit, and what is wrong with it."""

    scope: str
    position: int
    reason: str


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


def digest(previous: str, entry: AuditEntry) -> str:
    """Return the SHA-256 over the previous hash and every field of the entry."""
    body = [
        previous, entry.scope, entry.position, entry.at.astimezone(dt.UTC).isoformat(), entry.actor_id,
        entry.actor_name, entry.action, entry.target_type, entry.target_id, entry.target_name, entry.changes,
        entry.reason, entry.source, entry.request_id,
    ]  # fmt: skip
    return hashlib.sha256(AS_HASHED.encode(body).encode()).hexdigest()


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
    chain = opened_chain(scope or target.audit_scope)
    entry = chained(chain, blank_entry(chain, actor, action, reason), target, changes or {})
    entry.save(force_insert=True)
    chain.save(update_fields=["length", "last_hash"])
    return entry


def record_many(
    actor, action: str, targets: Iterable[tuple[Model, Mapping]], reason: str = "", *, scope: str
) -> int:
    """Append one entry for each (target, changes), in order, by the rules of ``record``; returns how many."""
    chain, named = opened_chain(scope), list(targets)
    blanks = copies(blank_entry(chain, actor, action, reason), len(named))
    pairs = zip(blanks, named, strict=True)
    count = insert_all(AuditEntry, [chained(chain, blank, *target) for blank, target in pairs])
    chain.save(update_fields=["length", "last_hash"])
    return count


def opened_chain(scope: str) -> AuditChain:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit.record belongs into the service's transaction.")
    return lock_chain(scope)


def blank_entry(chain: AuditChain, actor, action: str, reason: str) -> AuditEntry:
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


def chained(chain: AuditChain, entry: AuditEntry, target: Model, changes: Mapping) -> AuditEntry:
    """Let the entry tell of the target and follow the chain's last one; it is the chain's head now."""
    entry.position = chain.length + 1
    entry.target_type, entry.target_id = target._meta.label_lower, str(target.pk)
    entry.target_name = storable(str(target))[:200]
    entry.changes = as_json(changes)
    entry.hash = digest(chain.last_hash, entry)
    chain.length, chain.last_hash = entry.position, entry.hash
    return entry


def storable(text: str) -> str:
    """Return the text without what Postgres and UTF-8 cannot hold: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def changed_fields(before: Mapping, after: Mapping) -> dict:
    """Return {field: [before, after]} for the fields that differ."""
    return {key: [before.get(key), after[key]] for key in after if before.get(key) != after[key]}


def verify(scopes: Iterable[str] | None = None) -> list[Broken]:
    """Walk every chain, or those of ``scopes``, and return the first broken entry of each.

    An empty list means that all hold. Entries that are written meanwhile break nothing.
    """
    chains, entries = AuditChain.objects.order_by("scope"), AuditEntry.objects.order_by("scope", "position")
    if scopes is not None:
        asked = list(scopes)
        chains, entries = chains.filter(scope__in=asked), entries.filter(scope__in=asked)
    heads = list(chains)
    broken = [fault for chain in heads if (fault := first_fault(chain))]
    orphan = entries.exclude(scope__in=AuditChain.objects.values("scope")).first()
    if orphan and orphan.scope not in {chain.scope for chain in heads}:
        broken.append(Broken(orphan.scope, orphan.position, "its chain's head is missing"))
    return broken


def first_fault(chain: AuditChain) -> Broken | None:
    """Return what breaks one chain first, or None; ``chain`` is its head as it was read before."""
    previous, last, head_fits = GENESIS, 0, not chain.length
    for entry in AuditEntry.objects.filter(scope=chain.scope).order_by("position").iterator(2_000):
        if entry.position != last + 1:
            return Broken(chain.scope, last + 1, "an entry is missing")
        if entry.hash != digest(previous, entry):
            return Broken(chain.scope, entry.position, "the entry or its place was changed")
        previous, last = entry.hash, entry.position
        head_fits = head_fits or (last, previous) == (chain.length, chain.last_hash)
    # Whoever wrote while we read moved the head too: the newest one has to know every entry.
    newest = AuditChain.objects.filter(scope=chain.scope).first() or chain
    if last < chain.length:
        return Broken(chain.scope, last + 1, "the last entries are missing")
    if last > newest.length:
        return Broken(chain.scope, newest.length + 1, "its chain's head does not know it")
    if not head_fits:
        return Broken(chain.scope, chain.length, "its chain's head does not fit")
    return None
