"""Bringing a backup in from elsewhere: it joins the list only when it was restored aside and is whole."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from backups.archive import compatibility, folders
from backups.archive.encryption import saved_passphrase
from backups.archive.folders import Backup
from backups.archive.manifests import CHECKSUMS, MANIFEST, MEDIA, SHA256, Manifest
from backups.archive.media import Archive
from backups.archive.packing import unpack
from backups.engines import Engine, Report, engine, silent
from backups.engines.figures import Figures, applied_migrations, take_figures, take_headline
from backups.private_files import copy_file, digest_of, size_words, sync
from backups.services.create import describe, seal_all
from backups.services.verify import proven_figures
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.settings import runtime_settings

ZIP = b"PK\x03\x04"
BARE = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}
NONE_OF_OURS = (
    "This is none of the files that can be brought in: a download of a backup (zip), a SQLite database, "
    "a dump of pg_dump in custom format. Nothing was changed."
)


def import_backup(
    *,
    actor,
    path: str | Path,
    name: str,
    sha256: str = "",
    passphrase: str | None = None,
    report: Report = silent,
) -> Backup:
    """Take a file of anybody's into the list of backups, once it is proven to be a good one; audited.

    ``name`` is what the person calls it. With ``sha256`` a file of another checksum is refused. An uploaded
    file is removed in any case. Raises DomainError with the reason; then nothing has changed.
    """
    path = Path(path)
    try:
        _require_size(path)
        report("Reading the file", None)
        _require_sha256(path, sha256)
        backup = _taken_in(path, passphrase, report)
    finally:
        if path.suffix == folders.UPLOAD and path.parent == folders.backups_folder():
            path.unlink(missing_ok=True)
    with transaction.atomic():
        changes = {"file": [None, name], "bytes": [None, backup.size]}
        audit.record(actor, "backup.imported", backup, changes, scope=audit.OFFICE)
    return backup


def _require_size(path: Path) -> None:
    """Raise DomainError for a file that cannot be read or is larger than the setting allows."""
    limit = runtime_settings.get("backup_import_limit_mb")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DomainError(f"The file cannot be read ({error.strerror}). Nothing was changed.") from None
    if size > limit * 1_000_000:
        raise DomainError(
            f"The file has {size_words(size)}, more than the {limit} MB that the settings allow. "
            "Nothing was changed.",
            code="too_large",
        )


def _require_sha256(path: Path, sha256: str) -> None:
    """Raise DomainError for a checksum that is none, or another file's."""
    wanted = sha256.strip().lower()
    if wanted and not SHA256.fullmatch(wanted):
        raise DomainError("A SHA-256 has 64 digits and letters a to f. Nothing was changed.", field="sha256")
    if wanted and digest_of(path) != wanted:
        raise DomainError(
            "The file's SHA-256 is another one than was given: it is another file, or was damaged on the "
            "way. Nothing was changed.",
            field="sha256",
        )


def _taken_in(path: Path, passphrase: str | None, report: Report) -> Backup:
    """Make the new backup in a partial folder, which goes again when anything is wrong with it."""
    is_zip = _is_download(path)
    partial = folders.begin_folder("imported", timezone.now())
    try:
        if is_zip:
            manifest = _from_download(path, partial, passphrase, report)
        else:
            manifest = _from_bare_file(path, partial, report)
        return folders.finish_folder(partial, manifest)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DomainError(f"The backup could not be written ({reason}). Nothing of it remains.") from error
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(partial)


def _is_download(path: Path) -> bool:
    """Tell a download from a bare file; DomainError for neither, and for one of another engine."""
    with path.open("rb") as file:
        start = file.read(max(map(len, BARE)))
    if start.startswith(ZIP):
        return True
    for mark, name in BARE.items():
        if start.startswith(mark):
            compatibility.require_engine(name, engine().name)
            return False
    raise DomainError(NONE_OF_OURS)


def _from_download(path: Path, partial: Path, passphrase: str | None, report: Report) -> Manifest:
    """Unpack our own download and prove it as any other backup; its instant stays what it was."""
    report("Unpacking", None)
    manifest = unpack(path, partial)
    backup = Backup(partial.name.removesuffix(folders.PARTIAL), partial, manifest)
    proven_figures(backup, passphrase, report, is_foreign=True)
    for name in (MANIFEST, CHECKSUMS):
        (partial / name).unlink()
    for file in manifest.files:
        sync(partial / file.name)
    return replace(manifest, id=backup.id, kind="imported")


def _from_bare_file(path: Path, partial: Path, report: Report) -> Manifest:
    """Make a backup of a database file: figures are taken from the file itself, restored aside."""
    current = engine()
    folders.require_space(folders.NEEDED_SPACE * path.stat().st_size, "Bringing it in")
    database = partial / current.file_name
    copy_file(path, database)
    report("Restoring aside", None)
    figures = _figures_of(database, current)
    Archive(partial / MEDIA).close()
    files = seal_all(partial, figures, saved_passphrase(), report)
    return replace(describe(partial, "imported", current, files, figures), app_version="")


def _figures_of(database: Path, current: Engine) -> Figures:
    """Return what a stranger's file holds; DomainError unless this version can take it over as it is."""
    current.examine(database)
    with current.scratch(database):
        migrations = applied_migrations()
        compatibility.require_known(migrations, "")
        compatibility.require_own(current.name, database, migrations)
        figures = take_figures(headline=False)
        compatibility.migrate_up()
        return replace(figures, headline=take_headline())
