"""What a kind of database must be able to do so that its data can be kept and put back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.db import connection
from django.utils.module_loading import import_string

from backups.engines.figures import Figures

# What is being done, in one sentence, and which share of it is done (0 to 1), where that is known.
Report = Callable[[str, float | None], None]


class Engine(Protocol):
    """A database engine; ``engine()`` gives that of the default connection."""

    name: str  # "sqlite" or "postgresql", as in the manifest
    file_name: str  # "database.sqlite3" or "database.dump"
    digest: str  # the SHA-256 of what ``dump`` wrote, where it took that on the way; else empty

    def live_size(self) -> int:
        """Return how many bytes the live data take."""
        ...

    def version(self) -> str:
        """Return the version of the library or server."""
        ...

    def client_version(self) -> str:
        """Return the version of the program that copies, where that is another one; else nothing."""
        ...

    def dump(self, target: Path, report: Report) -> Figures:
        """Write one consistent instant to ``target`` while writers go on, checked whole and fsynced.

        Returns the figures of that very instant. Raises DomainError.
        """
        ...

    def examine(self, path: Path) -> None:
        """Raise DomainError for what is damaged, cut, not ours or another engine's; writes nothing."""
        ...

    def scratch(self, path: Path) -> AbstractContextManager[None]:
        """Restore the file into a scratch database that is the default connection inside the ``with``.

        Nothing of it is left afterwards. Raises DomainError.
        """
        ...

    def replace_live(self, path: Path, finish: Callable[[], None]) -> None:
        """Put the file's content in place of the live data, all or nothing.

        The caller holds ``maintenance.exclusive()``. ``finish`` runs with the default connection on the
        new data before they are live; when it raises, nothing has changed.
        """
        ...

    def keep_damaged_files(self) -> str:
        """Copy the live files aside, damaged as they are; returns the name of the folder that has them.

        The caller is alone with the data. Raises DomainError where the engine has no files of its own.
        """
        ...


ENGINES = {"sqlite": "backups.engines.sqlite.Sqlite", "postgresql": "backups.engines.postgres.Postgres"}


def engine() -> Engine:
    """Return the engine of the default connection."""
    return import_string(ENGINES[connection.vendor])()


def silent(sentence: str, share: float | None = None) -> None:
    """A report that nobody reads."""
