"""One process at a time: what must not run twice at once while several processes start."""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; others on this machine wait. Death lets go of it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def database_lock(name: str) -> Iterator[None]:
    """Hold ``name`` for every process that shares the database, on other machines too."""
    if connection.vendor != "postgresql":
        with folder_lock(settings.DATA_DIR / "db"):
            yield
        return
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
