"""Which scheduled backups may go: a pure rule over the list."""

from collections.abc import Sequence

from backups.archive.folders import Backup


def removable(backups: Sequence[Backup], keep: int) -> list[Backup]:
    """Return what goes after a good new scheduled backup so that the newest ``keep`` good ones stay.

    Only scheduled ones go: what a person made, brought in, or a restore put aside stays until a person
    removes it. A backup that is known to be bad takes no good one's place. The last one that was verified
    never goes.
    """
    scheduled = sorted(
        (one for one in backups if one.kind == "scheduled"),
        key=lambda one: (one.created_at, one.id),
        reverse=True,
    )
    good = [one for one in scheduled if is_good(one)]
    if len(good) <= keep:
        return []
    oldest_kept = good[keep - 1]
    proven = next((one for one in good if one.is_proven), None)
    older = scheduled[scheduled.index(oldest_kept) + 1 :]
    return [one for one in older if one is not proven]


def is_good(backup: Backup) -> bool:
    """Say whether nothing is known against it: readable, and not found bad by its last verification."""
    return backup.manifest is not None and (backup.proof is None or backup.proof.is_ok)
