"""A damaged SQLite file: kept aside as it is, and given a start that SQLite can open.

It stays the same file. Processes that have it open would otherwise go on in the one that was moved away, and
the last of them would delete the new one's write-ahead log as its own.
"""

import os
from pathlib import Path

from django.utils import timezone

from backups.private_files import copy_file, sync
from billtracker.core.exceptions import DomainError

DEFAULT_PAGE = 4096
PAGE_SIZES = {2**power for power in range(9, 17)}
WAL = 2  # the version of a file whose changes go through a write-ahead log
BELONGING = ("", "-wal", "-shm")


def page_size_of(path: Path) -> int:
    """Return the page size that the file's header says, or the usual one when it says none."""
    with path.open("rb") as file:
        said = int.from_bytes(file.read(18)[16:18], "big")
    size = 65536 if said == 1 else said
    return size if size in PAGE_SIZES else DEFAULT_PAGE


def keep_aside(live: Path) -> str:
    """Copy the database file and what belongs to it into a folder beside it; returns the folder's name."""
    folder = live.parent / f"damaged-{timezone.now():%Y%m%d-%H%M%S}"
    try:
        folder.mkdir(mode=0o700)
        for path in (live.with_name(f"{live.name}{ending}") for ending in BELONGING):
            if path.exists():
                copy_file(path, folder / path.name)
                sync(folder / path.name)
        sync(folder)
    except OSError as error:
        raise DomainError(
            f"The damaged files could not be kept aside ({error.strerror}), so nothing was restored. "
            "Make room and try again."
        ) from error
    return folder.name


def give_readable_start(live: Path, staging: Path) -> None:
    """Put the first page of a good database at the start of a damaged one, so that SQLite can open it.

    The rest stays as it is until the content is replaced; until then it is as damaged as before.
    """
    size = page_size_of(staging)
    with staging.open("rb") as file:
        page = bytearray(file.read(size))
    page[18] = page[19] = WAL
    pages = max(1, live.stat().st_size // size)
    page[28:32] = pages.to_bytes(4, "big")
    page[92:96] = page[24:28]  # the number of pages counts only while these two are equal
    handle = os.open(live, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.pwrite(handle, page, 0)
        os.ftruncate(handle, pages * size)
        os.fsync(handle)
    finally:
        os.close(handle)
