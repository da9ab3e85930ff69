"""Restoring: the data of a backup in place of the live ones, all or nothing, while the server runs."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ

from backups.archive import compatibility, folders
from backups.archive.decryption import DecryptedBackup, decrypted_backup
from backups.archive.folders import Backup
from backups.archive.media import bring_back, checked_members
from backups.engines import Report, engine, id_counters, silent
from backups.engines.figures import Figures, differences, take_figures
from backups.services.create import create_backup
from backups.services.verify import proven_figures
from billtracker.core import audit
from billtracker.core.data import data_lock
from billtracker.core.data.database_errors import DAMAGED
from billtracker.core.exceptions import DomainError
from billtracker.core.models import CacheEntry, Restoration

logger = logging.getLogger(__name__)

# Beside the live data: the copy that is made ready, the write-ahead log, and the backup made before.
NEEDED_SPACE = 2.5


@dataclass(frozen=True, slots=True)
class Restored:
    """What took the place of the data, and where these are kept now."""

    backup_id: str
    pre_restore_id: str
    made_at: dt.datetime
    row_count: int
    file_count: int
    note: str = ""
    kept_files: str = ""  # the folder of the damaged files, where no backup could be made of the live data

    @property
    def sentence(self) -> str:
        before = f"The data as they were just before are kept as backup {self.pre_restore_id}."
        if self.kept_files:
            before = (
                "The live data were damaged: their files are kept as they were in the folder "
                f"db/{self.kept_files} of the data directory."
            )
        return (
            f"Backup {self.backup_id} is restored: {self.row_count:,} rows as of "
            f"{self.made_at:%Y-%m-%d %H:%M} UTC, {self.file_count:,} missing files brought back. "
            f"{before} "
            f"Outgoing mail is held until an administrator has decided about it. {self.note}"
        ).strip()


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What goes over from the data as they were: one session, the reason, which keys are used up."""

    sessions: list[Session]
    keys: dict[str, int]
    reason: str = ""


def restore_backup(
    *,
    actor,
    backup: Backup,
    passphrase: str | None = None,
    session_key: str = "",
    reason: str = "",
    report: Report = silent,
) -> Restored:
    """Put the backup in place of the live data and media files; audited in the data that it brings.

    It is proven aside first, migrated when it is older, and a backup of the live data is made just before;
    of damaged data the files are kept aside instead.
    Meanwhile the others wait. Afterwards nobody is signed in but the holder of ``session_key``, nothing is
    queued and mail is held. Raises DomainError with the reason for whatever stands in the way; a failure or
    a kill at any moment leaves either the old data or the new ones, whole.
    """
    manifest, current = backup.require_manifest(), engine()
    space = NEEDED_SPACE * max(manifest.size, current.live_size())
    folders.require_space(space, "The restore")
    _prove(backup, passphrase, report)
    with decrypted_backup(backup, passphrase, report) as files:
        # Files are named by their content: those of the live data stay beside them, unharmed.
        file_count = bring_back(files.media, report)
        report("Waiting until the others have finished", None)
        with data_lock.exclusive():
            before, kept_files = _keep_live_data(actor, report)
            finish = partial(_make_ready, actor, backup, before, files, _carry_over(session_key, reason))
            report("Replacing the data", None)
            current.replace_live(files.database, finish)
            note = _forget_the_past()
    rows = files.figures.row_count
    return Restored(backup.id, before, manifest.created_at, rows, file_count, note, kept_files)


# --- before ------------------------------------------------------------------------------------
def _prove(backup: Backup, passphrase: str | None, report: Report) -> None:
    """Restore it aside first. Where the database user may not, what can be seen in the files must do:
    the figures are compared once more before the data become live."""
    try:
        proven_figures(backup, passphrase, report)
    except DomainError as refusal:
        if refusal.code != "no_right":
            raise
        folders.require_checksums(backup)
        with decrypted_backup(backup, passphrase, report) as files:
            checked_members(files.media)
            engine().examine(files.database)


def _keep_live_data(actor, report: Report) -> tuple[str, str]:
    """Keep the live data as a backup, or the files of damaged ones; returns the backup's id or the folder."""
    report("Keeping the data as they are", None)
    try:
        return create_backup(actor=actor, kind="pre-restore", report=report).id, ""
    except DomainError as refusal:
        if refusal.code == DAMAGED:
            report("Keeping the damaged files", None)
            name = engine().keep_damaged_files()
            return name, name
        words = "The live data could not be kept beforehand, so nothing was restored. {}"
        raise DomainError(words.format(refusal.sentence), code=refusal.code) from refusal


def _carry_over(session_key: str, reason: str) -> CarriedOver:
    """Read what goes over; the caller is alone with the data."""
    try:
        sessions = list(Session.objects.filter(session_key=session_key or None))
        return CarriedOver(sessions, id_counters.keys_given(), reason)
    except DatabaseError:  # of damaged data nothing goes over
        return CarriedOver([], {}, reason)


# --- the new data, before they are live -----------------------------------------------------------
def _make_ready(actor, backup: Backup, before: str, files: DecryptedBackup, kept: CarriedOver) -> None:
    """Compare, migrate and clear the restored data, and write into them that they were restored."""
    require_same(files.figures)
    compatibility.migrate_up()
    with transaction.atomic():
        _empty_queue_and_sessions()
        Session.objects.bulk_create(kept.sessions)
        id_counters.go_on_behind(kept.keys)
        _mark(actor, backup, before, files, kept.reason)


def require_same(expected: Figures) -> None:
    found = take_figures(expected.money, headline=False)
    if faults := differences(expected, found):
        raise DomainError(
            f"Restored, these differ from its manifest: {', '.join(faults)}. Nothing was changed."
        )


def _empty_queue_and_sessions() -> None:
    """Remove what would go on where it stood then: jobs that ran since, sign-ins that ended since."""
    OrmQ.objects.all().delete()
    Session.objects.all().delete()
    CacheEntry.objects.all().delete()


def _mark(actor, backup: Backup, before: str, files: DecryptedBackup, reason: str) -> None:
    row = Restoration.objects.create(
        token=uuid.uuid4().hex,
        restored_at=timezone.now(),
        source=backup.id,
        source_made_at=files.manifest.created_at,
        pre_restore=before,
        actor_name=actor.get_username() if actor else "server",
    )
    changes = {"backup": [None, backup.id], "pre_restore": [None, before]}
    audit.record(actor, "backup.restored", row, changes, reason, scope=audit.OFFICE)


# --- after -------------------------------------------------------------------------------------
def _forget_the_past() -> str:
    """Clear what is kept outside the database; returns a sentence about what could not be cleared."""
    failed = [name for name, clear in OUTSIDE.items() if not _is_cleared(name, clear)]
    return f"Not emptied: {' and '.join(failed)}; restart Redis or empty it by hand." if failed else ""


def _is_cleared(name: str, clear: Callable[[], object]) -> bool:
    """Clear it and say whether that worked: the data are live by now, whatever comes."""
    try:
        clear()
    except Exception:
        logger.exception("After a restore something could not be cleared: %s", name)
        return False
    return True


OUTSIDE: dict[str, Callable[[], object]] = {
    "the cache": cache.clear,
    "the queue": lambda: get_broker().purge_queue(),
}
