"""Making a backup: one instant of the data and the media files, whole or not at all."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backups.archive import folders
from backups.archive.encryption import new_identity, saved_passphrase, seal
from backups.archive.folders import Backup
from backups.archive.manifests import FIGURES, KEY, MEDIA, SEALED, Manifest
from backups.archive.media import Archive
from backups.engines import Engine, Report, engine, silent
from backups.engines.figures import Figures
from backups.private_files import write_file
from billtracker.core import audit
from billtracker.core.data.database_errors import FULL, fault_of, refusing_database_faults
from billtracker.core.exceptions import DomainError


def create_backup(*, actor, kind: str = "manual", report: Report = silent) -> Backup:
    """Make a backup of that kind from one instant, while everybody goes on working; audited.

    With a passphrase in the settings it is encrypted. Raises DomainError when the disk has too little space,
    before anything is written, and when the data turn out to be damaged; then no backup remains.
    """
    current = engine()
    with refusing_database_faults():
        passphrase = saved_passphrase()
    size = folders.expected_size(current.live_size(), folders.all_backups())
    folders.require_space(folders.NEEDED_SPACE * size)
    begun = timezone.now()
    partial = folders.begin_folder(kind, begun)
    try:
        figures = _fill(partial, current, report)
        files = seal_all(partial, figures, passphrase, report)
        manifest = replace(describe(partial, kind, current, files, figures), created_at=begun)
        report("Bringing it to the disk", None)
        backup = folders.finish_folder(partial, manifest)
    except OSError as error:
        reason, code = error.strerror or type(error).__name__, FULL if fault_of(error) else None
        words = f"The backup could not be written ({reason}). Nothing of it remains."
        raise DomainError(words, code=code) from error
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(partial)
    _keep_trace(actor, backup)
    return backup


def _fill(partial: Path, current: Engine, report: Report) -> Figures:
    """Write database and media side by side; returns the figures of the database's instant."""
    archive = Archive(partial / MEDIA)
    try:
        with ThreadPoolExecutor(1) as beside:
            media = beside.submit(archive.take)
            figures = current.dump(partial / current.file_name, report)
            report("Packing the media files", None)
            media.result()
        # What the database may tell of and the first pass came too early for.
        archive.take()
    finally:
        archive.close()
    return figures


def seal_all(partial: Path, figures: Figures, passphrase: str, report: Report) -> list[Path]:
    """Encrypt what was written when there is a passphrase; returns the files that make the backup."""
    files = sorted(partial.iterdir())
    if not passphrase:
        return files
    report("Encrypting", None)
    write_file(partial / FIGURES, json.dumps(figures.as_json()))
    recipient = new_identity(partial, passphrase)
    with ThreadPoolExecutor(2) as beside:
        sealed = list(beside.map(lambda path: seal(path, recipient), [*files, partial / FIGURES]))
    return [partial / KEY, *sealed]


def describe(partial: Path, kind: str, current: Engine, files: list[Path], figures: Figures) -> Manifest:
    """Return the manifest of what was written; reads every file for its checksum and syncs it."""
    known = {current.file_name: current.digest}
    with ThreadPoolExecutor(2) as beside:
        stored = tuple(beside.map(lambda path: folders.finish_file(path, known.get(path.name, "")), files))
    is_encrypted = any(path.suffix == SEALED for path in files)
    return Manifest(
        id=partial.name.removesuffix(folders.PARTIAL),
        kind=kind,
        created_at=timezone.now(),
        engine=current.name,
        engine_version=current.version(),
        client_version=current.client_version(),
        app_version=settings.VERSION,
        migrations=figures.migrations,
        files=stored,
        figures=None if is_encrypted else figures,
        is_encrypted=is_encrypted,
    )


def _keep_trace(actor, backup: Backup) -> None:
    with transaction.atomic():
        changes = {"kind": [None, backup.kind], "bytes": [None, backup.size]}
        audit.record(actor, "backup.created", backup, changes, scope=audit.OFFICE)
