"""The product as real processes: ``serve`` on a free port with data of its own, gone after the test."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

PATIENCE = 120  # seconds; a busy machine is slower, not wrong
# Answers questions line by line: each is run with nothing left open or remembered from the one before.
ANSWERING = """
import contextlib, io, json, os, sys, traceback
import django
django.setup()
from django.db import connections
from billtracker.core.data.databases import forget_known_rows
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    said, fault = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except BaseException:
        fault = traceback.format_exc()
    connections.close_all()
    forget_known_rows()
    print(json.dumps([said.getvalue(), fault]), file=answers, flush=True)
"""


def wait_until(condition, what: str):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"Waited {PATIENCE} s for {what}.")


def processes() -> Iterator[tuple[int, int, int, str]]:
    """Every live process as (pid, parent, session, title)."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            title = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if fields[0] != "Z":
                yield int(entry), int(fields[1]), int(fields[3]), title


class Server:
    """``manage.py serve`` on a free port with a data directory, and on Postgres a database, of its own.

    Leaving its ``with`` ends every process that was started from here.
    """

    def __init__(self, folder: Path, database_url: str = ""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = folder / "data"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "billtracker.settings",
            "BILLTRACKER_DATA_DIR": str(self.data),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
        }
        self.process: subprocess.Popen | None = None
        self.answering: subprocess.Popen | None = None
        self.answering_in: dict[str, str] = {}
        self.sessions: set[int] = set()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str, program: tuple[str, ...] = ("manage.py", "serve")) -> "Server":
        self.process = subprocess.Popen(
            [sys.executable, *program, *options],
            cwd=settings.BASE_DIR,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.sessions.add(self.process.pid)
        return self

    def ask(self, code: str) -> str:
        """Run some Python with this server's database, in a process beside it; return what it prints.

        One process answers until the environment changes: most of an answer would be the start of Django.
        """
        if self.answering is None or self.answering_in != self.environment:
            self.end_answering()
            self.answering_in = dict(self.environment)
            self.answering = subprocess.Popen(
                [sys.executable, "-c", ANSWERING],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        print(json.dumps(code), file=self.answering.stdin, flush=True)
        said, fault = json.loads(self.answering.stdout.readline())
        assert not fault, fault
        return said.strip()

    def end_answering(self) -> None:
        if self.answering:
            self.answering.kill()
            self.answering.communicate()
            self.answering = None

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_for_answer(self) -> None:
        wait_until(lambda: self.process.poll() is not None or self.get("/healthz")[0] == 200, "an answer")
        assert self.process.poll() is None, self.process.stdout.read()

    def family(self) -> dict[int, str]:
        """Every live process that was started from here, orphans too: {pid: title}."""
        alive = list(processes())
        # Each child leads a session, and what a child starts stays in it.
        self.sessions |= {session for _, parent, session, _ in alive if parent == self.process.pid}
        return {pid: title for pid, _, session, title in alive if session in self.sessions}

    def child(self, word: str) -> int:
        """The pid of the launcher's own child whose title holds ``word``, or 0."""
        family = self.family()
        own = (pid for pid, parent, _, _ in processes() if parent == self.process.pid and pid in family)
        return next((pid for pid in own if word in family[pid]), 0)

    def kill(self) -> None:
        self.end_answering()
        if self.process is None:
            return
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def postgres_database(template: str = "template1") -> Iterator[tuple[str, str]]:
    """A database of its own beside the tests' one, as (name, address); gone afterwards."""
    url, name = settings.DATABASE_URL, f"serve_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name, f"{url.rsplit('/', 1)[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(server: Server) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=settings.BASE_DIR,
        env=server.environment,
        check=True,
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory, django_db_setup):
    """What every server starts with: a folder with a migrated file, or a migrated database's name."""
    if settings.DATABASE_URL:
        return django_db_setup.migrated_database
    folder = tmp_path_factory.mktemp("migrated")
    (folder / "data" / "db").mkdir(parents=True, mode=0o700)
    django_db_setup.write_to(folder / "data" / "db" / "bills.db")
    return folder / "data"


@pytest.fixture
def server(tmp_path, migrated):
    """A server with a migrated database, gone after the test, whatever happened."""
    if not settings.DATABASE_URL:
        shutil.copytree(migrated, tmp_path / "data")
    yield from serving(tmp_path, migrated)


@pytest.fixture
def empty_server(tmp_path):
    """The same on an empty database."""
    yield from serving(tmp_path, "template1")


def serving(folder: Path, template) -> Iterator[Server]:
    place = postgres_database(template) if settings.DATABASE_URL else nullcontext(("", ""))
    with place as (_, url), Server(folder, url) as server:
        yield server
