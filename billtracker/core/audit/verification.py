"""Does every chain of the log hold, from its first entry to its head?"""

from collections.abc import Iterable
from dataclasses import dataclass

from billtracker.core.audit.entries import GENESIS, digest
from billtracker.core.models import AuditChain, AuditEntry


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that does not fit, and what is wrong with it."""

    scope: str
    position: int
    reason: str


def verify(scopes: Iterable[str] | None = None) -> list[Broken]:
    """Walk every chain, or those of ``scopes``, and return the first broken entry of each.

    An empty list means that all hold. Entries that are written meanwhile break nothing.
    """
    chains, entries = AuditChain.objects.order_by("scope"), AuditEntry.objects.order_by("scope", "position")
    if scopes is not None:
        asked = list(scopes)
        chains, entries = chains.filter(scope__in=asked), entries.filter(scope__in=asked)
    heads = list(chains)
    broken = [fault for chain in heads if (fault := find_first_fault(chain))]
    orphan = entries.exclude(scope__in=AuditChain.objects.values("scope")).first()
    if orphan and orphan.scope not in {chain.scope for chain in heads}:
        broken.append(Broken(orphan.scope, orphan.position, "its chain's head is missing"))
    return broken


def find_first_fault(chain: AuditChain) -> Broken | None:
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
