"""Files that their owner alone reads, on the disk when that is said, known by their checksum."""

import hashlib
import os
import shutil
import time
from pathlib import Path

from django.conf import settings

PARTIAL = ".partial"  # ends the name of a folder that is not complete


def backups_folder() -> Path:
    return settings.DATA_DIR / "backups"


def scratch_folder(name: str) -> Path:
    """Make a folder for work that leaves nothing: a dead process' one is removed by the next operation."""
    path = backups_folder() / f"{name}-{os.getpid()}-{time.monotonic_ns()}{PARTIAL}"
    path.mkdir(mode=0o700)
    return path


def write_file(path: Path, text: str) -> None:
    """Write a file for its owner alone and bring it to the disk."""
    with open_private(path) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def write_aside(path: Path, text: str) -> None:
    """Replace a file by another one in one step."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_file(aside, text)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def open_private(path: Path):
    """Open a new file for writing that only its owner reads."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file for its owner alone, in the kernel where it can."""
    with source.open("rb") as old, open_private(target) as new:
        size = os.fstat(old.fileno()).st_size
        done = 0
        while done < size and (count := os.sendfile(new.fileno(), old.fileno(), done, size - done)):
            done += count


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    """Return the file's SHA-256; it lets go of the interpreter while it computes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_words(size: float) -> str:
    """Say a size in the unit that fits: ``812 kB``, ``1.2 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in {"B", "kB"} else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def remove_entry(path: Path) -> Path:
    """Remove a file or a whole folder and return its path; what is gone already is no fault."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return path
