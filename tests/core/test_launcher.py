"""Real processes: they start, answer, stop together and leave nobody behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from billtracker.core import launcher
from billtracker.core.exceptions import DomainError

PATIENCE = 60


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
    """``manage.py serve`` on a free port with a data directory, and on Postgres a database, of its own."""

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
        self.sessions: set[int] = set()

    def start(self, *options: str) -> "Server":
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *options],
            cwd=settings.BASE_DIR, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.sessions.add(self.process.pid)
        return self

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
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
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.communicate()


@pytest.fixture
def server(tmp_path):
    """A server that is gone after the test, whatever happened; on Postgres with its database."""
    url, name = settings.DATABASE_URL, f"serve_{uuid.uuid4().hex[:12]}"
    if not url:
        server = Server(tmp_path)
        yield server
        server.kill()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        server = Server(tmp_path, f"{url.rsplit('/', 1)[0]}/{name}")
        yield server
        server.kill()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_serve_answers_and_one_ctrl_c_ends_everything(server):
    server.start().wait_for_answer()
    assert server.get("/")[0] == 200
    assert server.get("/", method="HEAD") == (200, "")
    assert json.loads(server.get("/readyz")[1]) == {"status": "ok"}
    wait_until(lambda: sum("qcluster" in command for command in server.family().values()) >= 5, "the worker")

    server.process.send_signal(signal.SIGINT)
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 0, said
    assert f"http://127.0.0.1:{server.port}/" in said
    assert server.family() == {}

    # The second start has nothing left to prepare: two seconds alone, more beside other tests.
    begin = time.monotonic()
    server.start("--web").wait_for_answer()
    assert time.monotonic() - begin < 15
    assert server.child("qcluster") == 0


@pytest.mark.parametrize(("victim", "how", "code"), [
    ("gunicorn", signal.SIGKILL, 137),
    ("qcluster", signal.SIGKILL, 137),
    ("gunicorn", signal.SIGTERM, 0),
])  # fmt: skip
def test_the_death_of_one_ends_the_other_with_its_code(server, victim, how, code):
    server.start().wait_for_answer()
    pid = wait_until(lambda: server.child(victim), victim)
    os.kill(pid, how)
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == code, said
    assert "everything was stopped" in said
    assert server.family() == {}


def test_a_killed_launcher_leaves_nobody_behind(server):
    server.start().wait_for_answer()
    wait_until(lambda: server.child("qcluster"), "the worker")
    server.process.kill()
    wait_until(lambda: server.family() == {}, "the children to end")


def test_two_servers_may_start_on_one_empty_database(server):
    server.start("--worker")
    first = server.process
    server.start("--web").wait_for_answer()
    assert json.loads(server.get("/readyz")[1]) == {"status": "ok"}
    assert first.poll() is None
    first.terminate()
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_a_taken_address_is_said_in_one_sentence(server):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", server.port))
        squatter.listen()
        said, _ = server.start().process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 2
    assert said.startswith("HOST and PORT: 127.0.0.1:")
    assert len(said.splitlines()) == 1


def test_a_foreign_address_is_refused():
    with pytest.raises(DomainError, match=r"192\.0\.2\.1:3030 cannot be used"):
        launcher.require_free_address("192.0.2.1", 3030)


def test_a_changed_static_file_changes_the_fingerprint(tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "look.css").write_text("a {}")
    before = launcher.static_fingerprint()
    (tmp_path / "look.css").write_text("b {}")
    assert launcher.static_fingerprint() != before
