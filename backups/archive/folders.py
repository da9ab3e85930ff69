"""The folder of backups, whose entries are the list of backups.

A backup is renamed into place last, so a final name means a complete backup.
"""

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

from backups.archive.manifests import (
    CHECKSUMS,
    LARGEST,
    MANIFEST,
    NEWER_FORMAT,
    PROOF,
    Manifest,
    StoredFile,
    checksum_lines,
    read_checksums,
    read_manifest,
    require_listed,
)
from backups.private_files import (
    PARTIAL,
    backups_folder,
    digest_of,
    size_words,
    sync,
    write_aside,
    write_file,
)
from billtracker.core.exceptions import DomainError

ID = re.compile(r"\d{8}-\d{6}-(manual|scheduled|pre-restore|imported)(-\d{1,4})?")
UPLOAD = ".upload"
NEEDED_SPACE = 1.5  # times the size of the last backup, or of the live data where that is more


@dataclass(frozen=True, slots=True)
class StoredProof:
    """What the last verification of a backup found."""

    at: dt.datetime
    is_ok: bool
    seconds: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Backup:
    """One folder: its manifest, or the sentence that says why it cannot be read."""

    id: str
    path: Path
    manifest: Manifest | None
    proof: StoredProof | None = None
    fault: str = ""
    fault_code: str = ""  # "newer" for one that only a later version can read; else it is damaged
    # What the audit log asks of whatever an entry is about.
    _meta: ClassVar = SimpleNamespace(label_lower="backups.backup")

    @property
    def pk(self) -> str:
        return self.id

    @property
    def backup_id(self) -> str:
        return self.id

    @property
    def sentence(self) -> str:
        """Say that it is there, for whoever waited for it."""
        return f"Backup {self.id} is complete: {size_words(self.size)}."

    @property
    def kind(self) -> str:
        """Return the kind that stands in its name, so that a damaged one has one too."""
        return ID.fullmatch(self.id)[1]  # type: ignore[index]

    @property
    def created_at(self) -> dt.datetime:
        """Return the second that stands in its name: when it came into the list."""
        return dt.datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=dt.UTC)

    @property
    def is_proven(self) -> bool:
        """Say whether the last verification was good and nothing was seen to be wrong with it since."""
        return self.manifest is not None and self.proof is not None and self.proof.is_ok

    @property
    def is_damaged(self) -> bool:
        return self.manifest is None and not self.fault_code

    @property
    def size(self) -> int:
        return self.manifest.size if self.manifest else 0

    def require_manifest(self) -> Manifest:
        """Return the manifest; DomainError with the fault of a damaged backup."""
        if self.manifest is None:
            raise DomainError(self.fault, code=self.fault_code or None)
        return self.manifest

    def __str__(self) -> str:
        return self.id


# --- reading -----------------------------------------------------------------------------------
def all_backups() -> list[Backup]:
    """Return every whole backup, the newest first; damaged ones too, with their fault."""
    with suppress(FileNotFoundError):
        found = [entry for entry in os.scandir(backups_folder()) if ID.fullmatch(entry.name)]
        return sorted(
            (read_backup(Path(entry.path)) for entry in found if entry.is_dir(follow_symlinks=False)),
            key=lambda backup: (backup.created_at, backup.id),
            reverse=True,
        )
    return []


def find_backup(backup_id: str) -> Backup:
    """Return the backup of that name; DomainError with code ``not_found`` when there is none."""
    path = backups_folder() / backup_id if ID.fullmatch(backup_id) else None
    if path is None or not path.is_dir() or path.is_symlink():
        raise DomainError(f"There is no backup {backup_id[:60]!r}. Nothing was done.", code="not_found")
    return read_backup(path)


def read_backup(path: Path) -> Backup:
    """Read a folder that has a backup's name; what is wrong with it becomes its fault.

    Checksums come before versions: a manifest that was changed would otherwise pass for a newer one's. Of
    the other files this looks at names and sizes alone, which a list of backups can afford.
    """
    try:
        manifest = _read_own_manifest(path)
        _require_sizes(path, manifest)
    except DomainError as error:
        code = error.code if error.code == NEWER_FORMAT else ""
        return Backup(path.name, path, None, _read_proof(path), error.sentence, code)
    return Backup(path.name, path, manifest, _read_proof(path))


def _read_own_manifest(path: Path) -> Manifest:
    """Return the manifest, which is the one that was written; DomainError for any other."""
    try:
        with (path / MANIFEST).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        raise DomainError("This backup has no manifest any more. Other backups are unharmed.") from None
    require_listed(content, _listed_checksums(path))
    return read_manifest(content)


def _require_sizes(path: Path, manifest: Manifest) -> None:
    """Raise DomainError for the first file that is missing or has another size than the manifest says."""
    for file in manifest.files:
        try:
            size = (path / file.name).stat().st_size
        except OSError:
            raise _missing(file.name) from None
        if size != file.size:
            raise _alteration(file.name)


def _read_proof(path: Path) -> StoredProof | None:
    """Return the last verification's outcome; None when there was none or it cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads((path / PROOF).read_text(encoding="utf-8"))
        at = dt.datetime.fromisoformat(data["at"])
        return StoredProof(at, data["ok"] is True, float(data["seconds"]), str(data["fault"]))
    return None


# --- making ------------------------------------------------------------------------------------
def new_id(kind: str, now: dt.datetime) -> str:
    """Return a name that nothing in the folder has."""
    base = f"{now.astimezone(dt.UTC):%Y%m%d-%H%M%S}-{kind}"
    taken = {entry.name.removesuffix(PARTIAL) for entry in os.scandir(backups_folder())}
    names = [base, *(f"{base}-{number}" for number in range(2, 1_000))]
    return next(name for name in names if name not in taken)


def begin_folder(kind: str, now: dt.datetime) -> Path:
    """Make the folder ``<id>.partial`` of a new backup, for its owner alone."""
    path = backups_folder() / f"{new_id(kind, now)}{PARTIAL}"
    path.mkdir(mode=0o700)
    return path


def finish_folder(partial: Path, manifest: Manifest) -> Backup:
    """Write manifest and checksums, bring everything to the disk, and give the folder its name."""
    write_file(partial / MANIFEST, manifest.text())
    digests = {file.name: file.sha256 for file in manifest.files}
    digests[MANIFEST] = digest_of(partial / MANIFEST)
    write_file(partial / CHECKSUMS, checksum_lines(digests))
    sync(partial)
    path = partial.with_name(manifest.id)
    partial.rename(path)
    sync(path.parent)
    return read_backup(path)


def keep_proof(backup: Backup, proof: StoredProof) -> None:
    """Write a verification's outcome beside the backup's files, whole or not at all."""
    data = {"at": proof.at.isoformat(), "ok": proof.is_ok, "seconds": proof.seconds, "fault": proof.fault}
    write_aside(backup.path / PROOF, json.dumps(data) + "\n")


def remove_backup(backup: Backup) -> None:
    """Remove the folder; one that dies half-way leaves a partial one, never half a backup in the list."""
    partial = backup.path.with_name(f"{backup.id}{PARTIAL}")
    backup.path.rename(partial)
    sync(partial.parent)
    shutil.rmtree(partial)


# --- checksums --------------------------------------------------------------------------------
def finish_file(path: Path, digest: str = "") -> StoredFile:
    """Bring a complete file to the disk and return its entry; a known digest is not taken again."""
    sync(path)
    return StoredFile(path.name, path.stat().st_size, digest or digest_of(path))


def require_checksums(backup: Backup) -> None:
    """Read every file and compare it with its checksum. Raises DomainError that names the first fault."""
    manifest = backup.require_manifest()
    listed = _listed_checksums(backup.path)
    expected = {file.name: file.sha256 for file in manifest.files}
    if listed != {**expected, MANIFEST: listed.get(MANIFEST)}:
        raise DomainError("The list of checksums of this backup does not fit its manifest.")
    for name, digest in listed.items():
        require_digest(backup.path / name, name, digest)


def _listed_checksums(path: Path) -> dict[str, str]:
    try:
        return read_checksums((path / CHECKSUMS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise DomainError("The list of checksums of this backup is missing or damaged.") from None


def require_digest(path: Path, name: str, digest: str) -> None:
    try:
        fits = digest_of(path) == digest
    except OSError:
        raise _missing(name) from None
    if not fits:
        raise _alteration(name)


def _missing(name: str) -> DomainError:
    return DomainError(f"{name} of this backup is missing. Other backups are unharmed.")


def _alteration(name: str) -> DomainError:
    return DomainError(f"{name} of this backup was changed or cut since it was made. Do not restore it.")


# --- space -------------------------------------------------------------------------------------
def require_space(needed: float, purpose: str = "The backup") -> None:
    """Raise DomainError when the disk has not that many bytes free."""
    free = shutil.disk_usage(backups_folder()).free
    if free < needed:
        raise DomainError(
            f"{purpose} needs {size_words(needed)} and {size_words(free)} are free on the disk. "
            "Nothing was written; free some space or remove old backups.",
            code="space",
        )


def expected_size(live_size: int, backups: Iterable[Backup]) -> int:
    """Return how large the next backup may get: as the newest one, or the live data if they are more."""
    return max(live_size, next((backup.size for backup in backups if backup.manifest), 0))
