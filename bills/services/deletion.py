"""Into the bin and out of it: one conditional update for everything that can be deleted."""

import datetime as dt

from billtracker.core import audit


def set_deleted(actor, thing, action: str, *, deleted_at: dt.datetime | None) -> bool:
    """Set ``deleted_at`` unless somebody else was first; the database decides who won."""
    rows = type(thing).objects.filter(pk=thing.pk, deleted_at__isnull=deleted_at is not None)
    if not rows.update(deleted_at=deleted_at):
        return False
    thing.deleted_at = deleted_at
    audit.record(actor, action, thing)
    return True
