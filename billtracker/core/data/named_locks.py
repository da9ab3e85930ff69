"""One process at a time: what must not run twice at once, and who waits or goes away."""

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
    key = key_of(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        release(key)


@contextmanager
def try_database_lock(name: str) -> Iterator[bool]:
    """Hold ``name`` if nobody does, and say whether; nobody waits. Death lets go of it."""
    holder = try_server_lock if connection.vendor == "postgresql" else try_file_lock
    with holder(name) as is_held:
        yield is_held


@contextmanager
def try_server_lock(name: str) -> Iterator[bool]:
    key = key_of(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_held = cursor.fetchone()[0]
    try:
        yield is_held
    finally:
        if is_held:
            release(key)


@contextmanager
def try_file_lock(name: str) -> Iterator[bool]:
    """Lock a file of its own beside the database file: the folder itself is what others wait for."""
    path = f"{connection.settings_dict['NAME']}.{name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def key_of(name: str) -> int:
    """Return the number under which Postgres knows the name."""
    return zlib.crc32(name.encode())


def release(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
