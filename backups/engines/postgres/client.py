"""PostgreSQL's client programs: found, asked for their version, run with no secret on a command line."""

import logging
import os
import re
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.pq import Conninfo

from billtracker.core.exceptions import DomainError
from billtracker.core.process.supervisor import end_with_parent

logger = logging.getLogger(__name__)
PROGRAMS = ("pg_dump", "pg_restore")
DEBIAN = "/usr/lib/postgresql"
LOOK_EVERY = 0.5  # seconds
SILENCE = 300.0  # seconds without any progress, after which a program is taken to hang
BLOCK = 1 << 20
# What a program gets of our own environment, beside libpq's variables.
HANDED_ON = ("PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class ClientPrograms:
    """The folder of pg_dump and pg_restore, and their version, such as ``16.4``."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))


def installed_client() -> ClientPrograms | None:
    """Return the newest client of this machine, or the one that POSTGRES_BIN_DIR names; None without any."""
    if settings.POSTGRES_BIN_DIR:
        return client_in(Path(settings.POSTGRES_BIN_DIR))
    on_path = shutil.which("pg_dump")
    # Debian's pg_dump on PATH is a script that looks for a cluster; the folders behind it come first.
    folders = [
        *sorted(Path(DEBIAN).glob("*/bin"), reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    found = [one for folder in folders if (one := client_in(folder))]
    return max(found, key=lambda one: one.order, default=None)


@cache
def client_in(folder: Path) -> ClientPrograms | None:
    """Return the client in the folder if it has both programs and they run."""
    try:
        answers = [
            subprocess.run([folder / name, "--version"], capture_output=True, text=True, timeout=20).stdout
            for name in PROGRAMS
        ]
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\) (\d+(?:\.\d+)*)", answers[0])
    return ClientPrograms(folder, version[1]) if version and all(answers) else None


def server_version() -> str:
    """Return the server's version, such as ``16.4``."""
    connection.ensure_connection()
    number = connection.connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"


def client_fault() -> str:
    """Say why this machine cannot back up its Postgres, or return an empty text."""
    if connection.vendor != "postgresql":
        return ""
    there, server = installed_client(), server_version()
    major = server.partition(".")[0]
    if there is None:
        return f"The PostgreSQL client is missing: install postgresql-client-{major} or newer."
    if there.major < int(major):
        return (
            f"The PostgreSQL client is of version {there.version}, older than the server's {server}: "
            f"install postgresql-client-{major} or newer."
        )
    return ""


def require_client() -> ClientPrograms:
    """Return the client; DomainError when there is none that this server can be saved with."""
    there = installed_client()
    if fault := client_fault():
        raise DomainError(f"{fault} Nothing was changed.", code="client")
    if there is None:
        raise DomainError("The PostgreSQL client is missing: install postgresql-client.", code="client")
    return there


# --- running -----------------------------------------------------------------------------------
def environment(parameters: Mapping[str, object]) -> dict[str, str]:
    """Return a child's environment: libpq's variables for the connection, and little else."""
    kept = {name: value for name, value in os.environ.items() if name in HANDED_ON or name.startswith("PG")}
    known = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = {
        envvar.decode(): str(value)
        for name, value in parameters.items()
        if value is not None and (envvar := known.get(name))
    }
    # Its messages are read by people who may ask for help; English is what is found.
    return {**kept, **given, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "15"}


@dataclass(frozen=True, slots=True)
class Running:
    """A program at work, and the file that its complaints go to."""

    name: str
    child: subprocess.Popen
    complaints: Path

    def fail(self, what: str) -> DomainError:
        """Return the error for people; what the program said goes to the log."""
        said = self.complaints.read_text(encoding="utf-8", errors="replace").strip()
        logger.error("%s failed (code %s): %s", self.name, self.child.poll(), said[-2_000:])
        return DomainError(what, code="damaged")

    def wait(self, sign: Callable[[], object], what: str, look: Callable[[], None] = lambda: None) -> None:
        """Return when it ended well; DomainError(``what``) when it did not or its sign stands still.

        ``look`` is called now and then meanwhile.
        """
        seen, since = sign(), time.monotonic()
        # The kernel tells at once when it ends; Popen.wait would look every 50 ms.
        handle = os.pidfd_open(self.child.pid)
        try:
            while not select.select([handle], [], [], LOOK_EVERY)[0]:
                look()
                if (now := sign()) != seen:
                    seen, since = now, time.monotonic()
                if time.monotonic() - since > SILENCE:
                    raise self.fail(what)
        finally:
            os.close(handle)
        if self.child.wait() != 0:
            raise self.fail(what)

    def blocks(self, what: str) -> Iterator[bytes]:
        """Yield what it prints until it ended well; DomainError(``what``) as for ``wait``."""
        assert self.child.stdout is not None  # noqa: S101 (for the type checker)
        handle = self.child.stdout.fileno()
        while select.select([handle], [], [], SILENCE)[0]:
            block = os.read(handle, BLOCK)
            if not block:
                self.wait(lambda: None, what)
                return
            yield block
        raise self.fail(what)


@contextmanager
def running(
    name: str, arguments: Sequence[str | Path], *, parameters: Mapping[str, object] | None = None, stdout
) -> Iterator[Running]:
    """Run one of the programs for the length of a block; it never outlives the block, nor us."""
    program = require_client().folder / name
    with tempfile.NamedTemporaryFile(prefix="billtracker-") as complaints:
        child = subprocess.Popen(
            [program, *arguments],
            env=environment(parameters or {}),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=complaints,
            preexec_fn=end_with_parent,
        )
        try:
            yield Running(name, child, Path(complaints.name))
        finally:
            child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()
