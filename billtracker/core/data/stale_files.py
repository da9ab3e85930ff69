"""Files that were meant to be short-lived: what is older than an age goes, the rest stays."""

import datetime as dt
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def _remove_old_files(folder: Path, *, older_than: dt.timedelta) -> dict[str, int]:
    """Remove every file below the folder last changed that long ago; returns how many and their bytes.

    Links are removed, never followed; subfolders left empty go too. A file that cannot be removed
    stops no other; the first such OSError is raised at the end.
    """
    limit = timezone.now() - older_than
    removed = {"files": 0, "bytes": 0}
    faults: list[OSError] = []
    for place, folders, names in os.walk(folder, topdown=False, onerror=faults.append):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for path in (Path(place) / name for name in [*names, *links]):
            try:
                size = _remove_if_old(path, limit)
            except OSError as fault:
                faults.append(fault)
            else:
                removed["files"] += size is not None
                removed["bytes"] += size or 0
        if Path(place) != folder:
            _remove_if_empty(Path(place), limit)
    # A folder that is not there, or not any more, holds nothing.
    if real := [one for one in faults if not isinstance(one, FileNotFoundError)]:
        raise real[0]
    return removed


def _remove_if_old(path: Path, limit: dt.datetime) -> int | None:
    """Remove one file last changed at ``limit`` or before and return its size; None when it stays."""
    with suppress(FileNotFoundError):  # another process was first
        facts = path.lstat()
        if facts.st_mtime <= limit.timestamp():
            path.unlink()
            return facts.st_size
    return None


def _remove_if_empty(folder: Path, limit: dt.datetime) -> None:
    """Remove an empty folder that nobody has touched since ``limit``."""
    with suppress(OSError):
        if folder.lstat().st_mtime <= limit.timestamp():
            folder.rmdir()


def remove_old_exports(*, older_than: dt.timedelta) -> dict[str, int]:
    """Remove old files of the exports folder: each can be made again. Stored evidence is elsewhere."""
    return _remove_old_files(settings.EXPORTS_DIR, older_than=older_than)
