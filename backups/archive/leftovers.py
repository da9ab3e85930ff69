"""What dead operations left in the folder of backups, and its removal."""

import datetime as dt
from contextlib import suppress
from pathlib import Path

from backups.archive.folders import UPLOAD
from backups.private_files import PARTIAL, backups_folder, remove_entry


def remove_partials() -> int:
    """Remove what dead operations left; the caller is the only operation. Returns how many."""
    return len([remove_entry(entry) for entry in _leftovers((PARTIAL,))])


def remove_stale(older_than: dt.timedelta, now: dt.datetime) -> int:
    """Remove partial folders and uploads that nobody touched for so long. Returns how many.

    A running operation touches its own all the time.
    """
    limit = now.timestamp() - older_than.total_seconds()
    return len(
        [remove_entry(entry) for entry in _leftovers((PARTIAL, UPLOAD)) if _newest_change(entry) < limit]
    )


def _leftovers(endings: tuple[str, ...]) -> list[Path]:
    with suppress(FileNotFoundError):
        return [path for path in sorted(backups_folder().iterdir()) if path.name.endswith(endings)]
    return []


def _newest_change(path: Path) -> float:
    """Return when the folder or anything in it was changed last, as a timestamp."""
    times = [path.lstat().st_mtime]
    if path.is_dir() and not path.is_symlink():
        times += [inner.lstat().st_mtime for inner in path.rglob("*")]
    return max(times)
