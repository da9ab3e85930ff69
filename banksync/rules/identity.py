"""Which sent row is which stored one: by id, and where a bank issues new ids, by what stayed the same.

Pure: rows in, a plan out; the same rows in any order give the same plan.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from banksync.simplefin.answers import SentTransaction
from banksync.simplefin.client import Window
from billtracker.core.text import comparison_key

PENDING_DAYS = dt.timedelta(days=10)  # how long a pending row takes to be posted


class StoredTransaction(Protocol):
    """What the plan needs to know of a stored row."""

    remote_id: str
    amount: Decimal
    posted_on: dt.date | None
    transacted_on: dt.date | None
    description: str
    is_pending: bool
    withdrawn_at: dt.datetime | None


@dataclass(slots=True)
class SyncPlan:
    """What one answer does to one account; ``known`` pairs rows by id, ``rekeyed`` those with a new id."""

    new: list[SentTransaction] = field(default_factory=list)
    known: list[tuple[StoredTransaction, SentTransaction]] = field(default_factory=list)
    rekeyed: list[tuple[StoredTransaction, SentTransaction]] = field(default_factory=list)
    withdrawn: list[StoredTransaction] = field(default_factory=list)


def plan_sync(
    stored: Iterable[StoredTransaction],
    sent: Iterable[SentTransaction],
    window: Window,
    *,
    is_complete: bool,
    with_pending: bool,
) -> SyncPlan:
    """Say which sent rows are new, which are known, and which stored ones got a new id or are withdrawn.

    What is missing means something only in a complete answer: nothing is re-keyed or withdrawn otherwise.
    """
    by_id = {row.remote_id: row for row in sorted(stored, key=lambda row: row.remote_id)}
    ordered = sorted(sent, key=lambda row: row.id)
    plan = SyncPlan(known=[(by_id[row.id], row) for row in ordered if row.id in by_id])
    unknown = [row for row in ordered if row.id not in by_id]
    if not is_complete:
        plan.new = unknown
        return plan
    ids = {row.id for row in ordered}
    gone = [row for key, row in by_id.items() if key not in ids and _is_in_reach(row, window)]
    for pairing in (_pair_same, _pair_posted, _pair_posted_with_other_amount):
        for pair in pairing(gone, unknown):
            plan.rekeyed.append(pair)
            gone.remove(pair[0])
            unknown.remove(pair[1])
    plan.new = unknown
    if with_pending:
        plan.withdrawn = [row for row in gone if row.is_pending]
    return plan


def _is_in_reach(row: StoredTransaction, window: Window) -> bool:
    """Say whether the answer would hold the row if the bank still had it under its id."""
    if row.withdrawn_at is not None:
        return False
    return row.is_pending or (row.posted_on is not None and row.posted_on in window)


def _pair_same(gone: Sequence, unknown: Sequence) -> list[tuple]:
    """Pair rows in which nothing but the id differs."""
    left: dict[tuple, list] = {}
    for row in gone:
        left.setdefault(_likeness(row), []).append(row)
    return [(rows.pop(0), row) for row in unknown if (rows := left.get(_likeness(row)))]


def _likeness(row) -> tuple:
    return row.is_pending, row.posted_on or row.transacted_on, row.amount, row.description


def _pair_posted(gone: Sequence, unknown: Sequence) -> list[tuple]:
    """Pair posted rows with the pending ones that they replace: same amount, same words, near in time."""
    pairs, left = [], [row for row in gone if row.is_pending]
    for row in unknown:
        fitting = [other for other in left if _may_replace(row, other) and row.amount == other.amount]
        if fitting:
            pairs.append((fitting[0], row))
            left.remove(fitting[0])
    return pairs


def _pair_posted_with_other_amount(gone: Sequence, unknown: Sequence) -> list[tuple]:
    """Pair those whose amount changed, such as by a tip, where only one fits on each side."""
    pairs = [
        (other, row) for row in unknown for other in gone if other.is_pending and _may_replace(row, other)
    ]
    stored_keys = [other.remote_id for other, _ in pairs]
    sent_keys = [row.id for _, row in pairs]
    return [
        (other, row)
        for other, row in pairs
        if stored_keys.count(other.remote_id) == 1 and sent_keys.count(row.id) == 1
    ]


def _may_replace(sent: SentTransaction, pending: StoredTransaction) -> bool:
    if sent.is_pending or (sent.amount < 0) != (pending.amount < 0):
        return False
    if comparison_key(sent.description) != comparison_key(pending.description):
        return False
    before = pending.transacted_on or pending.posted_on
    after = sent.transacted_on or sent.posted_on
    return before is None or after is None or abs(after - before) <= PENDING_DAYS
