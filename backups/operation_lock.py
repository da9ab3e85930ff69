"""The lock of operations: one process of a data directory holds it, and death lets go of it."""

import fcntl
import os
import time
from pathlib import Path

from backups.private_files import backups_folder
from billtracker.core.exceptions import DomainError

LOOKING = 0.3  # seconds; whoever only looks at the lock holds it for a moment
BUSY = "busy"
BUSY_SENTENCE = "Another operation on backups is running. Nothing was done; try again when it has ended."


def path() -> Path:
    return backups_folder() / ".operations.lock"


def take() -> int:
    """Return a descriptor that holds the lock; DomainError when another operation does."""
    handle = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + LOOKING
    while not try_lock(handle, fcntl.LOCK_EX):
        if time.monotonic() > end:
            os.close(handle)
            raise DomainError(BUSY_SENTENCE, code=BUSY)
        time.sleep(0.01)
    return handle


def try_lock(handle: int, how: int) -> bool:
    """Try to lock the open file, and say whether it is ours now."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held() -> bool:
    """Say whether an operation runs at this moment."""
    try:
        handle = os.open(path(), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)
