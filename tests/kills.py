"""kill -9 in the middle of a piece of work: at places that are named, and at a few random moments.

Random moments find what nobody thought of, and miss what passes quickly; named places are hit every time.
``KILLS=30`` in the environment makes many random ones of the few.
"""

import os
import pkgutil
import random
import signal
import time
from dataclasses import dataclass
from unittest import mock

from django.db import connection

from tests.backups.conftest import forked

RANDOM_KILLS = int(os.environ.get("KILLS", "6"))
LONGER, SHORTER = 1.1, 0.8


@dataclass(frozen=True)
class Place:
    """A moment of the work: as a function is about to be called, or as it has come through."""

    when: str  # "before" or "after"
    function: str  # dotted, as the code that calls it finds it

    def __str__(self) -> str:
        return f"{self.when} {self.function}"


def kill_at(place: Place, work, *arguments) -> None:
    """Do the work in a process of its own that dies at that place; AssertionError if it never gets there."""
    pid = forked(_die_at, place, work, *arguments)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code == -signal.SIGKILL, f"The work came through without the place: {place}."


def _die_at(place: Place, work, *arguments) -> None:
    function = pkgutil.resolve_name(place.function)

    def die(*args, **options):
        if place.when == "after":
            function(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    with mock.patch(place.function, die):
        work(*arguments)


class Killer:
    """Starts work in a process of its own and kills it at a random moment between 0 and ``length`` seconds.

    The length follows what was seen, so that in the long run about three of ten come through before they
    are killed: a length measured once is wrong as soon as the machine has something else to do.
    """

    def __init__(self, seed: int, length: float):
        self.moments = random.Random(seed)
        self.length = length

    def kill(self, work, *arguments) -> None:
        """Begin the work and kill it, unless it has come through by then."""
        pid = forked(work, *arguments)
        time.sleep(self.moments.uniform(0, self.length))
        os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, -signal.SIGKILL)
        self.length *= LONGER if code else SHORTER


def seconds_of(work, *arguments) -> float:
    begin = time.monotonic()
    work(*arguments)
    return time.monotonic() - begin


def require_whole_database() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
