"""The table of contents of a pg_dump file: what stands in it, and whether all of that is ours."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model

from backups.engines.own_tables import table_names
from backups.engines.postgres.client import running
from backups.engines.postgres.names import is_our_function
from billtracker.core.exceptions import DomainError

MAGIC = b"PGDMP"
UNHARMED = "Live data and other backups are unharmed."
DAMAGED = f"The database dump is damaged or cut. {UNHARMED}"
NOT_A_DUMP = f"This is no pg_dump file in the custom format (pg_dump -Fc). {UNHARMED}"
NOT_OURS = f"This dump is not of a BillTracker database. {UNHARMED}"
# What a database of ours consists of; the first word of such an entry is the table's name.
OF_TABLES = ("TABLE DATA", "TABLE", "FK CONSTRAINT", "CONSTRAINT", "DEFAULT", "TRIGGER")
OF_SEQUENCES = ("SEQUENCE SET", "SEQUENCE OWNED BY", "SEQUENCE")
OTHERS = ("INDEX", "FUNCTION")
# What every dump may hold and nobody reads.
PASSED_OVER = ("SCHEMA", "COMMENT", "ACL", "DEFAULT ACL", "ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE")
LINE = re.compile(r"\d+; \d+ \d+ (?P<kind>[A-Z][A-Z ]*?) (?P<schema>public|-) (?P<name>\S+)(?: .*)?")


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One line: what it is, and the first word of its name."""

    kind: str
    name: str


def entries(path: Path) -> list[ArchiveEntry]:
    """Return the entries of the dump, all of them ours. Raises DomainError for anything else."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise DomainError(NOT_A_DUMP, code="not_a_dump")
    with running("pg_restore", ["--list", path], stdout=subprocess.PIPE) as program:
        text = b"".join(program.blocks(DAMAGED)).decode("utf-8", "replace")
    found = [read(line) for line in text.splitlines() if line and not line.startswith(";")]
    _require_our_tables(found)
    return found


def read(line: str) -> ArchiveEntry:
    """Read one line; DomainError when our own database has nothing of the kind."""
    match = LINE.fullmatch(line)
    entry = ArchiveEntry(match["kind"], match["name"]) if match else None
    if entry is None or not _is_ours(entry):
        what = line.split(" ", 3)[-1][:80]
        raise stranger(what)
    return entry


def stranger(what: str) -> DomainError:
    """Return the refusal of something that none of our migrations makes."""
    return DomainError(
        f"The dump holds something that this version of BillTracker does not know ({what}): it is of a newer "
        f"version, or not BillTracker's alone. It was not run. {UNHARMED}",
        code="not_ours",
    )


def _is_ours(entry: ArchiveEntry) -> bool:
    """Say whether our migrations make, or once made, such a thing under such a name."""
    if entry.kind in OF_TABLES:
        return entry.name in table_names()
    if entry.kind in OF_SEQUENCES:
        return is_our_sequence(entry.name)
    if entry.kind == "FUNCTION":
        return is_our_function(entry.name)
    return entry.kind == "INDEX" or entry.kind in PASSED_OVER


def is_our_sequence(name: str) -> bool:
    """Say whether it counts the rows of one of our tables; Postgres cuts long names."""
    return name.endswith("_seq") and any(name.startswith(table[:29]) for table in table_names())


def _require_our_tables(found: list[ArchiveEntry]) -> None:
    tables = {entry.name for entry in found if entry.kind == "TABLE"}
    if not {"django_migrations", get_user_model()._meta.db_table} <= tables:
        raise DomainError(NOT_OURS, code="not_ours")


def tables_with_data(found: list[ArchiveEntry]) -> set[str]:
    """Return the tables whose rows the dump must hold."""
    return {entry.name for entry in found if entry.kind == "TABLE DATA"}
