"""The media files as one archive: taken from any storage, and brought back only under harmless names."""

import os
import posixpath
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from backups.engines import Report
from backups.private_files import open_private, sync
from billtracker.core.exceptions import DomainError

LONGEST_NAME = 400
# Where a file is written before it takes its name; at the top of the storage, one at a time, in no backup.
ASIDE = ".restoring"
CUT = "The archive of media files is damaged or cut. Nothing was changed."
HOSTILE = "The archive of media files holds {what}, as ours never does. Nothing was changed."


class Archive:
    """A tar that is filled in passes: a file that is in it already is not taken again."""

    def __init__(self, path: Path, storage: Storage = default_storage):
        self.storage = storage
        self.names: set[str] = set()
        self.file = open_private(path)
        self.tar = tarfile.TarFile(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)

    def take(self) -> int:
        """Add what is new; returns how many. A file that vanished meanwhile is left out."""
        before = len(self.names)
        for name in stored_names(self.storage):
            if name not in self.names:
                with suppress(FileNotFoundError):
                    self.add(name)
                    self.names.add(name)
        return len(self.names) - before

    def add(self, name: str) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = self.storage.size(name), 0o600
        with self.storage.open(name, "rb") as content:
            with suppress(NotImplementedError, OSError):
                entry.mtime = int(self.storage.get_modified_time(name).timestamp())
            self.tar.addfile(entry, content)

    def close(self) -> None:
        self.tar.close()
        self.file.close()


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the name of every regular file of the storage, folder by folder, sorted."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in sorted(files):
        name = posixpath.join(folder, file)
        if name != ASIDE and not _is_link(storage, name):
            yield name
    for inner in sorted(folders):
        name = posixpath.join(folder, inner)
        if not _is_link(storage, name):
            yield from stored_names(storage, name)


def _is_link(storage: Storage, name: str) -> bool:
    """Say whether the name is a link on the disk; other storages have none."""
    with suppress(NotImplementedError):
        return Path(storage.path(name)).is_symlink()
    return False


# --- reading archives --------------------------------------------------------------------------
def checked_members(path: Path) -> list[tarfile.TarInfo]:
    """Return every member of anybody's archive; DomainError unless all are files under harmless names."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
    except (tarfile.TarError, OSError, EOFError, ValueError, UnicodeError):
        raise DomainError(CUT) from None
    for member in members:
        _require_harmless(member)
    if len({member.name for member in members}) < len(members):
        raise DomainError(HOSTILE.format(what="two files of one name"))
    _require_whole(path, members)
    return members


def _require_harmless(member: tarfile.TarInfo) -> None:
    if not member.isreg() or member.issparse():
        raise DomainError(HOSTILE.format(what="something that is no file (a link, a device or a folder)"))
    if not _is_harmless(member.name):
        raise DomainError(HOSTILE.format(what="a file whose name leads elsewhere"))


def _is_harmless(name: str) -> bool:
    """Say whether the name is relative, plain and stays below the folder it is put into."""
    parts = PurePosixPath(name).parts
    is_plain = name.isprintable() and "\\" not in name and len(name) <= LONGEST_NAME
    return bool(parts) and is_plain and "/".join(parts) == name and ".." not in parts and parts[0] != "/"


def _require_whole(path: Path, members: list[tarfile.TarInfo]) -> None:
    """Raise DomainError when the last member or the end mark is not all there: tar itself ends silently."""
    end = max((member.offset_data + member.size for member in members), default=0)
    with path.open("rb") as file:
        file.seek(end + (-end) % tarfile.BLOCKSIZE)
        mark = file.read(2 * tarfile.BLOCKSIZE)
    if mark != bytes(2 * tarfile.BLOCKSIZE):
        raise DomainError(CUT)


def bring_back(path: Path, report: Report, storage: Storage = default_storage) -> int:
    """Put every file of the archive back that is missing or other than in it; returns how many.

    Files that are not in the archive stay. Safe to repeat. Raises DomainError before it writes anything when
    the archive is damaged or hostile.
    """
    members = checked_members(path)
    written = 0
    with tarfile.open(path, "r:") as tar:
        for number, member in enumerate(members):
            report("Bringing back media files", number / len(members))
            if not _is_same(storage, tar, member):
                _put_file(storage, member.name, File(tar.extractfile(member), name=member.name))
                written += 1
    return written


def _put_file(storage: Storage, name: str, content: File) -> None:
    """Give the name this content: on a disk at one instant, elsewhere as the storage knows how."""
    if not isinstance(storage, FileSystemStorage):
        storage.delete(name)
        storage.save(name, content)
        return
    storage.delete(ASIDE)
    storage.save(ASIDE, content)
    aside, target = Path(storage.path(ASIDE)), Path(storage.path(name))
    sync(aside)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(aside, target)


def remove_leftover(storage: Storage = default_storage) -> None:
    """Remove what a restore that was killed left beside the media files; the caller is the one operation."""
    if isinstance(storage, FileSystemStorage):
        storage.delete(ASIDE)


def _is_same(storage: Storage, tar: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    """Compare content, not dates: a document keeps its name and must keep its bytes."""
    try:
        if storage.size(member.name) != member.size:
            return False
        with storage.open(member.name, "rb") as there:
            here = tar.extractfile(member)
            while (piece := there.read(1 << 20)) or member.size == 0:
                if not piece:
                    return True
                if here is None or here.read(len(piece)) != piece:
                    return False
            return True
    except FileNotFoundError:
        return False
