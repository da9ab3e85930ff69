"""kill -9 at random moments of a piece of work, however fast the machine is just now."""

import os
import random
import signal
import time

from django.db import connection

from tests.backups.conftest import forked

LONGER, SHORTER = 1.1, 0.8


class Killer:
    """Starts work in a process of its own and kills it at a random moment between 0 and ``length`` seconds.

    The length follows what was seen, so that in the long run about three of ten come through before they
    are killed: a length measured once is wrong as soon as the machine has something else to do.
    """

    def __init__(self, seed: int, length: float):
        self.moments = random.Random(seed)
        self.length = length

    def kill(self, work, *arguments) -> str:
        """Begin the work, kill it, and return whether it was "killed" or had come through ("done")."""
        pid = forked(work, *arguments)
        time.sleep(self.moments.uniform(0, self.length))
        os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, -signal.SIGKILL)
        self.length *= LONGER if code else SHORTER
        return "killed" if code else "done"


def seconds_of(work, *arguments) -> float:
    begin = time.monotonic()
    work(*arguments)
    return time.monotonic() - begin


def require_whole_database() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
