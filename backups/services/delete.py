"""Removing a backup for good, because a person said so."""

from dataclasses import dataclass

from django.db import transaction

from backups.archive import folders
from backups.archive.folders import Backup
from backups.engines import Report, silent
from billtracker.core import audit


@dataclass(frozen=True, slots=True)
class Removed:
    """The backup that is gone."""

    backup_id: str

    @property
    def sentence(self) -> str:
        return f"Backup {self.backup_id} was removed."


def delete_backup(*, actor, backup: Backup, report: Report = silent) -> Removed:
    """Remove a backup, a damaged one too; audited. The caller asked for confirmation."""
    folders.remove_backup(backup)
    # It is gone by now, and there is room again for the entry.
    with transaction.atomic():
        changes = {"kind": [backup.kind, None], "bytes": [backup.size, None]}
        audit.record(actor, "backup.deleted", backup, changes, scope=audit.OFFICE)
    return Removed(backup.id)
