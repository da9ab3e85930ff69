"""A backup as one file: a zip that is written while it is read, and read back with nothing taken on trust."""

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from backups.archive.folders import Backup, require_space
from backups.archive.manifests import (
    CHECKSUMS,
    LARGEST,
    MANIFEST,
    Manifest,
    read_checksums,
    read_manifest,
    require_listed,
)
from backups.private_files import open_private, write_file
from billtracker.core.exceptions import DomainError

CHUNK = 1024 * 1024
DAMAGED = "The zip is damaged or cut. Nothing was changed."
STRANGE = "This zip is no download of a backup: {why}. Nothing was changed."
FAULTS = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, struct.error, OSError,
    ValueError, UnicodeError,
)  # fmt: skip


def file_name(backup: Backup) -> str:
    """Return the name under which the backup is downloaded."""
    return f"billtracker-{backup.id}.zip"


class Sink:
    """Takes what the zip writes, and gives it on; it cannot be sought in, so that nothing is mended later."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def drain(self) -> bytes:
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def stream_zip(backup: Backup) -> Iterator[bytes]:
    """Yield the backup as a zip, piece by piece; neither memory nor disk holds a copy of it.

    Raises DomainError at once for a backup without a manifest.
    """
    manifest = backup.require_manifest()
    return _pieces_of(backup.path, [MANIFEST, CHECKSUMS, *(file.name for file in manifest.files)])


def _pieces_of(folder: Path, names: list[str]) -> Iterator[bytes]:
    sink = Sink()
    # What is inside hardly gets smaller, or is encrypted: it is stored as it is.
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            with (folder / name).open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(CHUNK):
                    target.write(piece)
                    yield sink.drain()
    yield sink.drain()


# --- reading back ------------------------------------------------------------------------------
def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack a download of anybody's into the folder; returns its manifest, the files' sizes checked.

    Raises DomainError for anything else than what ``stream_zip`` writes: other names, links, doubled names,
    more bytes than the manifest says. The caller removes the folder then, and checks the checksums.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in _checked_entries(archive)}
            for name in (MANIFEST, CHECKSUMS):
                if name not in entries:
                    raise DomainError(STRANGE.format(why=f"it has no {name}"))
                write_file(folder / name, _text_of(archive, entries[name]))
            # Checksums before versions: one flipped bit must not pass for a newer version's manifest.
            content = (folder / MANIFEST).read_bytes()
            require_listed(content, read_checksums((folder / CHECKSUMS).read_text(encoding="utf-8")))
            manifest = read_manifest(content)
            _unpack_files(archive, entries, manifest, folder)
    except FAULTS as error:
        raise DomainError(DAMAGED) from error
    return manifest


def _checked_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the entries when all are plain files with plain names, each once."""
    entries = archive.infolist()
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.is_dir() or kind not in (0, stat.S_IFREG):
            raise DomainError(STRANGE.format(why="it holds a folder or a link"))
        # orig_filename is what stands in the file; zipfile shortens hostile ones to harmless ones.
        if "/" in entry.orig_filename or "\\" in entry.orig_filename or entry.orig_filename != entry.filename:
            raise DomainError(STRANGE.format(why="a name in it leads elsewhere"))
    if len({entry.filename for entry in entries}) < len(entries):
        raise DomainError(STRANGE.format(why="it holds two files of one name"))
    return entries


def _text_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Return a short file's text; DomainError when it is not short."""
    with archive.open(entry) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DomainError(STRANGE.format(why=f"its {entry.filename} is too long"))
    return content.decode()


def _unpack_files(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], manifest: Manifest, folder: Path
) -> None:
    """Unpack exactly the files that the manifest names, and of each exactly as much as it says."""
    wanted = {file.name: file.size for file in manifest.files}
    if entries.keys() - {MANIFEST, CHECKSUMS} != wanted.keys():
        raise DomainError(STRANGE.format(why="its files are others than its manifest names"))
    if any(entries[name].file_size != size for name, size in wanted.items()):
        raise DomainError(STRANGE.format(why="its files are of other sizes than its manifest says"))
    require_space(1.5 * manifest.size, "Unpacking it")
    for name in wanted:
        with archive.open(entries[name]) as source, open_private(folder / name) as target:
            shutil.copyfileobj(source, target, CHUNK)
