"""A backup with its files open: those of an encrypted one are decrypted into a folder that goes again."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backups.engines import Report
from backups.figures import Figures
from backups.folders import Backup, require_digest, require_space, scratch_folder
from backups.manifests import FIGURES, KEY, LARGEST, MEDIA, Manifest
from backups.sealing import opened_identity, unseal
from billtracker.core.exceptions import DomainError


@dataclass(frozen=True, slots=True)
class Opened:
    """The files of a backup, readable, and its manifest with the figures."""

    manifest: Manifest
    figures: Figures
    database: Path
    media: Path


@contextmanager
def opened(backup: Backup, passphrase: str | None, report: Report) -> Iterator[Opened]:
    """Give the backup's files open; DomainError for a wrong passphrase and for damaged files."""
    manifest = backup.required()
    if manifest.figures is not None:
        yield Opened(manifest, manifest.figures, backup.path / manifest.database, backup.path / MEDIA)
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
        figures = read_figures(paths[FIGURES])
        yield Opened(manifest.with_figures(figures), figures, paths[manifest.database], paths[MEDIA])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_figures(path: Path) -> Figures:
    """Read the sealed figures; DomainError when they are none."""
    try:
        with path.open("rb") as file:
            return Figures.from_json(json.loads(file.read(LARGEST)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DomainError("The figures of this backup are damaged. Nothing was changed.") from None
