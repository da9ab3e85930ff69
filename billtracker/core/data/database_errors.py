"""What an error of the database or the disk means for a person: damaged, full, or out of reach."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, InternalError, OperationalError

from billtracker.core.exceptions import DomainError

DAMAGED, FULL, UNREACHABLE = "damaged", "full", "unreachable"
MARKS = {
    DAMAGED: ("malformed", "not a database", "invalid page", "could not read block", "file is encrypted"),
    FULL: ("disk is full", "no space left", "disk full"),
}
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SENTENCES = {
    DAMAGED: (
        "The database is damaged ({reason}). Backups are unharmed: “manage.py list_backups” shows them, and "
        "“manage.py restore_backup ID --yes” puts one in its place and keeps the damaged files aside."
    ),
    FULL: (
        "The disk is full: nothing can be saved. What was saved before is unharmed. Make room, such as by "
        "removing old backups, and try again."
    ),
    UNREACHABLE: "The database cannot be read or written ({reason}). Nothing was changed; try again.",
}
# Other classes of errors are faults of the program, and are told as such.
OF_THE_DATABASE = (
    DatabaseError,
    OperationalError,
    InternalError,
    sqlite3.DatabaseError,
    sqlite3.OperationalError,
)


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """What is wrong, for machines and for people."""

    code: str
    sentence: str

    def as_refusal(self) -> DomainError:
        return DomainError(self.sentence, code=self.code)


def fault_of(error: BaseException) -> DatabaseFault | None:
    """Return what is wrong with database or disk; None for an error that is about something else."""
    if isinstance(error, OSError):
        return DatabaseFault(FULL, SENTENCES[FULL]) if error.errno in NO_SPACE else None
    if type(error) not in OF_THE_DATABASE:
        return None
    reason = " ".join(str(error).split())
    code = next(
        (code for code, marks in MARKS.items() if any(mark in reason.lower() for mark in marks)), UNREACHABLE
    )
    return DatabaseFault(code, SENTENCES[code].format(reason=reason))


@contextmanager
def refusing_database_faults() -> Iterator[None]:
    """Turn an error of the database or a full disk into a DomainError with the sentence for people."""
    try:
        yield
    except (DatabaseError, sqlite3.Error, OSError) as error:
        if fault := fault_of(error):
            raise fault.as_refusal() from error
        raise
