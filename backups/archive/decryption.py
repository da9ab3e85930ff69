"""A backup with its files open: those of an encrypted one are decrypted into a folder that goes again."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backups.archive.encryption import opened_identity, unseal
from backups.archive.folders import Backup, require_digest, require_space
from backups.archive.manifests import FIGURES, KEY, LARGEST, MEDIA, Manifest
from backups.engines import Report
from backups.engines.figures import Figures
from backups.private_files import scratch_folder
from billtracker.core.exceptions import DomainError


@dataclass(frozen=True, slots=True)
class DecryptedBackup:
    """The files of a backup, readable, and its manifest with the figures."""

    manifest: Manifest
    figures: Figures
    database: Path
    media: Path


@contextmanager
def decrypted_backup(backup: Backup, passphrase: str | None, report: Report) -> Iterator[DecryptedBackup]:
    """Give the backup's files open; DomainError for a wrong passphrase and for damaged files."""
    manifest = backup.require_manifest()
    if manifest.figures is not None:
        yield DecryptedBackup(
            manifest, manifest.figures, backup.path / manifest.database, backup.path / MEDIA
        )
        return
    # A key that was changed looks like a wrong passphrase.
    require_digest(backup.path / KEY, KEY, next(one.sha256 for one in manifest.files if one.name == KEY))
    identity = opened_identity(backup.path, passphrase)
    require_space(manifest.size, "Decrypting the backup")
    folder = scratch_folder("opened")
    try:
        report("Decrypting", None)
        paths = {
            name: unseal(backup.path / manifest.stored_name(name), folder / name, identity)
            for name in (manifest.database, MEDIA, FIGURES)
        }
        figures = _read_figures(paths[FIGURES])
        yield DecryptedBackup(manifest.with_figures(figures), figures, paths[manifest.database], paths[MEDIA])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_figures(path: Path) -> Figures:
    """Read the sealed figures; DomainError when they are none."""
    try:
        with path.open("rb") as file:
            return Figures.from_json(json.loads(file.read(LARGEST)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DomainError("The figures of this backup are damaged. Nothing was changed.") from None
