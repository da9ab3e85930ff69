"""From a folder to a running server: get database and files ready, then start web and worker."""

import hashlib
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.utils.module_loading import import_string
from django_q.brokers import get_broker

from billtracker.core.data import data_lock
from billtracker.core.data.named_locks import database_lock, folder_lock
from billtracker.core.data.readiness import has_pending_migrations
from billtracker.core.exceptions import DomainError
from billtracker.core.process import supervisor
from billtracker.core.process.health import HUNG_AFTER
from billtracker.core.settings import runtime_settings
from billtracker.core.web.addresses import absolute_url

QUEUE_PATIENCE = 5.0  # seconds for Redis to answer at the start
COMMANDS = {
    "web": [sys.executable, "-m", "gunicorn", "--config", "python:billtracker.gunicorn", "billtracker.wsgi"],
    "worker": [sys.executable, "-m", "billtracker.worker"],
}


def launch(roles: list[str], report: Callable[[str], object]) -> int:
    """Prepare, then run the roles (``web``, ``worker``) until they end; return the exit code.

    ``report`` gets the sentences for the person at the terminal. Raises DomainError if the
    address is taken or a variable cannot be used.
    """
    runtime_settings.check_environment()
    _require_reachable_queue()
    if "web" in roles:
        require_free_address(settings.HOST, settings.PORT)
    prepare_database()
    if "web" in roles:
        prepare_static_files()
        if path := import_string(settings.FIRST_ADMINISTRATOR)():
            report(f"Nobody has an account yet. Make the first administrator at {absolute_url(path)}")
    # Forked children must not inherit an open connection.
    connections.close_all()
    watches: dict[str, list[supervisor.HangCheck | supervisor.RestartCheck]] = {
        "worker": [
            supervisor.HangCheck(_sign_of_life, HUNG_AFTER.total_seconds()),
            supervisor.RestartCheck(_restoration, "worked on the data as they were before a restore"),
        ]
    }
    return supervisor.supervise(
        {role: COMMANDS[role] for role in roles},
        report,
        {role: watching for role, watching in watches.items() if role in roles},
    )


def _sign_of_life() -> object:
    """Return the worker's last sign of life, None when the database cannot tell: it is no worker's fault."""
    return _ask_database(lambda lock: import_string(settings.WORKER_SIGN_OF_LIFE)())


def _restoration() -> object:
    """Return which restoration the data came from, None when the database cannot tell."""
    return _ask_database(lambda lock: lock.token)


def _ask_database(question: Callable[[data_lock.DataLock], object]) -> object:
    """Ask the database while nobody replaces the data; None when it does not answer at once."""
    try:
        with data_lock.share_data(0) as lock:
            return question(lock)
    except (DatabaseError, data_lock.DataLocked):
        return None
    finally:
        connections.close_all()


def require_free_address(host: str, port: int) -> None:
    """Raise DomainError if another program listens there; gunicorn would retry for seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DomainError(
                f"HOST and PORT: {host}:{port} cannot be used ({error.strerror}). "
                "Stop the other program or choose another PORT."
            ) from error


def _require_reachable_queue() -> None:
    """Raise DomainError when the queue is elsewhere and does not answer: whatever needs it would fail."""
    if "orm" in settings.Q_CLUSTER:
        return
    target = urlsplit(str(settings.Q_CLUSTER["redis"]))
    try:
        socket.create_connection((target.hostname or "", target.port or 6379), QUEUE_PATIENCE).close()
        get_broker().ping()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DomainError(
            f"QUEUE_URL: the queue cannot be reached ({reason}). Start Redis, or unset QUEUE_URL to keep the "
            "queue in the database."
        ) from error


def prepare_database() -> None:
    """Apply pending migrations; processes that start together take turns."""
    _make_private()
    with data_lock.share_data(), database_lock("migrate"):
        if has_pending_migrations():
            call_command("migrate", interactive=False, verbosity=0)


def _make_private() -> None:
    """Let the owner alone read a database file that was made with wider rights."""
    if connection.vendor == "sqlite":
        for path in Path(connection.settings_dict["NAME"]).parent.glob("bills.db*"):
            with suppress(PermissionError):  # of another owner's file, which is theirs to decide
                path.chmod(0o600)


def prepare_static_files() -> None:
    """Collect the static files unless those collected are already the ones of this version.

    Raises DomainError when they cannot be written.
    """
    if settings.DEBUG:
        return
    # They are no secret, and an image is built by another user than the one that serves them.
    mask = os.umask(0o022)
    try:
        _collect_static_files()
    except OSError as error:
        raise DomainError(
            f"The static files cannot be written to {settings.STATIC_ROOT} ({error.strerror}). Let the "
            "account that runs the server write there, or run scripts/collect_static.py once as one that may."
        ) from error
    finally:
        os.umask(mask)


def _collect_static_files() -> None:
    wanted = static_fingerprint()
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    with folder_lock(stamp.parent):
        if not stamp.is_file() or stamp.read_text() != wanted:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(wanted)


def static_fingerprint() -> str:
    """Return a digest of the version and of the names and contents of all static files."""
    found = hashlib.sha256(settings.VERSION.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found.update(path.encode())
            with storage.open(path) as file:
                found.update(hashlib.sha256(file.read()).digest())
    return found.hexdigest()
