"""Proving a backup: every checksum, then restored aside and compared with what it said when it was made."""

import datetime as dt
import errno
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils import timezone

from backups.archive import compatibility, folders
from backups.archive.decryption import DecryptedBackup, decrypted_backup
from backups.archive.folders import Backup, StoredProof
from backups.archive.media import checked_members
from backups.engines import Report, engine, silent
from backups.engines.figures import (
    Figures,
    applied_migrations,
    differences,
    headline_words,
    take_figures,
    take_headline,
)
from backups.models import Proof
from billtracker.core import audit
from billtracker.core.data.database_errors import fault_of
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)
# These say nothing about the backup: no proof is recorded for them.
NOT_ITS_FAULT = {"passphrase", "space", "client", "no_right", "other_engine", "newer"}
FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found; ``fault`` says what is wrong with a backup that is not ok."""

    backup_id: str
    is_ok: bool
    seconds: float
    rows: int = 0
    headline: dict | None = None
    fault: str = ""

    @property
    def sentence(self) -> str:
        if not self.is_ok:
            return f"Backup {self.backup_id} is NOT good: {self.fault}"
        words = [f"{self.seconds:.0f} s", f"{self.rows:,} rows", *headline_words(self.headline or {})]
        return f"Backup {self.backup_id} is proven: {', '.join(words)}."


def verify_backup(
    *, actor, backup: Backup, passphrase: str | None = None, report: Report = silent
) -> Verification:
    """Restore the backup into a scratch database, compare every figure, and keep the outcome; audited.

    A bad backup is an outcome, not an error. Raises DomainError for what is not the backup's fault: a wrong
    passphrase, too little space, another engine, a newer version, a right or a program that is missing.
    """
    begin = time.monotonic()
    try:
        figures = proven_figures(backup, passphrase, report)
    except DomainError as error:
        if error.code in NOT_ITS_FAULT:
            raise
        found = Verification(backup.id, False, time.monotonic() - begin, fault=error.sentence)
    else:
        spent = time.monotonic() - begin
        found = Verification(backup.id, True, spent, figures.row_count, figures.headline)
    _keep_outcome(actor, backup, found)
    return found


def proven_figures(
    backup: Backup, passphrase: str | None, report: Report, *, is_foreign: bool = False
) -> Figures:
    """Return the figures of a backup that is as it was; DomainError with the first fault of any other.

    A foreign one must moreover be made as ours are, before anything is done with its data.
    """
    manifest, current = backup.require_manifest(), engine()
    compatibility.require_fitting(manifest, current.name)
    folders.require_space(manifest.size, "The proof")
    with ThreadPoolExecutor(1) as beside:
        report("Reading every file", None)
        checks = beside.submit(folders.require_checksums, backup)
        try:
            with decrypted_backup(backup, passphrase, report) as files:
                restore_aside(files, report, is_foreign)
                checks.result()
                return files.figures
        except DomainError as error:
            if error.code not in NOT_ITS_FAULT:
                checks.result()  # a file that was changed is the better reason
            raise
        except OSError as error:
            checks.result()
            reason = error.strerror or type(error).__name__
            code = "space" if error.errno in FULL else None
            raise DomainError(f"It could not be read or restored aside ({reason}).", code=code) from error


def restore_aside(files: DecryptedBackup, report: Report, is_foreign: bool) -> None:
    """Restore into a scratch database, compare, and migrate when it is of an older version."""
    checked_members(files.media)
    current = engine()
    if is_foreign:
        current.examine(files.database)
    report("Restoring aside", None)
    with current.scratch(files.database):
        if is_foreign:
            compatibility.require_known(applied_migrations(), files.manifest.app_version)
            compatibility.require_own(current.name, files.database, applied_migrations())
        found = take_figures(files.figures.money, headline=False)
        report("Comparing rows and totals", None)
        if faults := differences(files.figures, found):
            raise DomainError(f"After a restore these differ from its manifest: {', '.join(faults)}.")
        if found.migrations != files.manifest.migrations:
            raise DomainError("Its migrations differ from its manifest.")
        compatibility.migrate_up()
        if take_headline() != files.figures.headline:
            raise DomainError("After a restore its totals or last number differ from its manifest.")


def _keep_outcome(actor, backup: Backup, found: Verification) -> None:
    """Write the outcome beside the backup and, with what Status says of it, into the database."""
    at = timezone.now()
    folders.keep_proof(backup, StoredProof(at, found.is_ok, round(found.seconds, 1), found.fault))
    try:
        _keep_in_database(actor, backup, found, at)
    except DatabaseError as error:
        if fault_of(error) is None:
            raise
        # A damaged database is when a proof is needed most; the outcome stands beside the backup.
        logger.warning("The outcome of a proof stands beside the backup alone: %s", error)


def _keep_in_database(actor, backup: Backup, found: Verification, at: dt.datetime) -> None:
    with transaction.atomic():
        Proof.objects.create(
            backup_id=backup.id,
            at=at,
            is_ok=found.is_ok,
            seconds=round(found.seconds, 1),
            fault=found.fault[:500],
            row_count=found.rows,
            headline=found.headline or {},
        )
        changes = {"is_ok": [None, found.is_ok], "fault": [None, found.fault]}
        audit.record(actor, "backup.verified", backup, changes, scope=audit.OFFICE)
