"""A dump as the SQL that pg_restore makes of it: one statement after another, each known by its shape.

A dump of a stranger can hold any SQL under a harmless name. So nothing runs but the few shapes that our own
tables come in, one statement at a time; functions and triggers are never taken from a file.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backups.engines.own_tables import table_names
from backups.engines.postgres.client import running
from backups.engines.postgres.listing import (
    DAMAGED,
    UNHARMED,
    entries,
    is_our_sequence,
    stranger,
    tables_with_data,
)
from billtracker.core.exceptions import DomainError

LONGEST = 1 << 20  # characters of one statement; ours have a few thousand
# A compressed dump of ours unpacks to some ten times its size; one that fills the disk is meant to.
UNPACKED, LARGEST_SCHEMA = 100, 10_000_000
TOO_MUCH = f"The dump unpacks to more than {UNPACKED} times its size. It was not restored. {UNHARMED}"
END_OF_ROWS = b"\n\\.\n"
AS_TEXT = ["-f", "-", "--no-owner", "--no-privileges", "--no-comments", "--no-publications"]
# Part of a statement that ends nothing: literals, names, bodies of functions, comments.
QUOTED = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<tag>\$\w*\$).*?(?P=tag)|--[^\n]*|/\*.*?\*/", re.DOTALL
)
OPENING = re.compile(r"'|\"|\$\w*\$|/\*")
# The connection has its own settings, our rules their own source, and the schema is there.
PASSED_OVER = re.compile(
    r"SET \w+ = [^;]*;|SELECT pg_catalog\.set_config\('search_path', '', false\);|CREATE SCHEMA public;"
    r"|CREATE FUNCTION .*|CREATE TRIGGER .*",
    re.DOTALL,
)
NAME = r'(?:"[^"]+"|\w+)'
TABLE = r'public\.(?P<table>"[^"]+"|\w+)'
SEQUENCE = r"public\.(?P<sequence>\w+)"
SHAPES = [
    rf"CREATE TABLE {TABLE} \(.*\);",
    rf"ALTER TABLE(?: ONLY)? {TABLE}\s+ADD CONSTRAINT .*;",
    rf"ALTER TABLE(?: ONLY)? {TABLE} REPLICA IDENTITY \w+;",
    rf"ALTER TABLE {TABLE} ALTER COLUMN {NAME} ADD GENERATED (?:BY DEFAULT|ALWAYS) AS IDENTITY \(.*\);",
    rf"ALTER TABLE ONLY {TABLE} ALTER COLUMN {NAME} SET DEFAULT nextval\('public\.\w+'::regclass\);",
    rf"CREATE (?:UNIQUE )?INDEX {NAME} ON {TABLE} USING .*;",
    rf"CREATE SEQUENCE {SEQUENCE}\s[\w\s]*;",
    rf"ALTER SEQUENCE {SEQUENCE} OWNED BY public\.[\w.]+;",
    rf"SELECT pg_catalog\.setval\('{SEQUENCE}', \d+, (?:true|false)\);",
]
KNOWN = [re.compile(shape, re.DOTALL) for shape in SHAPES]
ROWS = re.compile(rf"COPY {TABLE} \(({NAME}(?:, {NAME})*)\) FROM stdin;")
# What may stand before a bracket: words of the language, and functions that only look at their argument.
BEFORE_BRACKET = set(
    "and any array as btree by character check exclude foreign gin hash identity in include key not on or"
    " numeric references unique using varying where with abs coalesce length lower nextval trim upper".split()
)
CALL = re.compile(r'((?:public\.|pg_catalog\.)?(?:"[^"]*"|[\w$]+)|")\s*\(')


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """SQL that is ours by its shape."""

    sql: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A COPY and the text of its rows, in blocks that must be read before anything else is."""

    table: str
    sql: str
    blocks: Iterator[bytes]


def parts(path: Path) -> Iterator[SqlStatement | Rows]:
    """Yield what brings the dump's tables and rows back, in order; the end is reached only by a whole dump.

    Raises DomainError for a dump that is damaged, cut or not ours.
    """
    expected = tables_with_data(entries(path))
    with running("pg_restore", [*AS_TEXT, path], stdout=subprocess.PIPE) as program:
        source = Source(program.blocks(DAMAGED), limit=LARGEST_SCHEMA + UNPACKED * path.stat().st_size)
        for sql in source.statements():
            if rows := ROWS.fullmatch(sql):
                expected.discard(rows["table"].strip('"'))
                yield Rows(rows["table"], _known_table(rows), source.rows())
            elif not PASSED_OVER.fullmatch(sql):
                yield SqlStatement(require_known(sql))
    if expected:
        raise DomainError(DAMAGED, code="damaged")


class Source:
    """The program's output, cut into statements and rows."""

    def __init__(self, blocks: Iterator[bytes], limit: int):
        self.blocks = blocks
        self.left = limit
        self.rest = b""
        self.at = 0  # where in it we are; cutting it at each line would copy it at each line

    def more(self) -> bool:
        """Read another block, and say whether there was one."""
        block = next(self.blocks, b"")
        self.left -= len(block)
        if self.left < 0:
            raise DomainError(TOO_MUCH, code="too_much")
        self.rest, self.at = self.rest[self.at :] + block, 0
        return bool(block)

    def lines(self) -> Iterator[str]:
        while True:
            end = self.rest.find(b"\n", self.at) + 1
            if end:
                line, self.at = self.rest[self.at : end], end
                yield _text_of(line)
            elif not self.more():
                break
        if self.rest:
            raise DomainError(DAMAGED, code="damaged")

    def statements(self) -> Iterator[str]:
        """Yield each statement without the comments around it."""
        text = ""
        for line in self.lines():
            # psql's own commands and comments stand between statements only.
            if not text and (not line.strip() or line.startswith(("--", "\\"))):
                continue
            text += line
            if len(text) > LONGEST:
                raise _not_ours(text)
            if line.rstrip().endswith(";") and is_whole(text):
                yield text.strip()
                text = ""
        if text:
            raise DomainError(DAMAGED, code="damaged")

    def rows(self) -> Iterator[bytes]:
        """Yield the rows that follow, up to the line that ends them."""
        # The end of the rows is a line of its own, the first one too.
        self.rest, self.at = b"\n" + self.rest[self.at :], 0
        skipped = 1
        while (end := self.rest.find(END_OF_ROWS)) < 0:
            # Its beginning may stand at the end of the block.
            kept = max(len(self.rest) - len(END_OF_ROWS) + 1, skipped)
            yield self.rest[skipped:kept]
            skipped, self.at = (0, kept) if kept > skipped else (skipped, 0)
            if not self.more():
                raise DomainError(DAMAGED, code="damaged")
        yield self.rest[skipped : end + 1]
        self.at = end + len(END_OF_ROWS)


def _text_of(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise DomainError(DAMAGED, code="damaged") from None


def is_whole(text: str) -> bool:
    """Say whether every quote, body and comment that begins in the text ends in it."""
    return not OPENING.search(QUOTED.sub(" ", text))


def require_known(sql: str) -> str:
    """Return the statement if it is of a shape of ours, about a table of ours; else DomainError."""
    match = next((found for shape in KNOWN if (found := shape.fullmatch(sql))), None)
    if match is None:
        raise _not_ours(sql)
    named = match.groupdict()
    if named.get("table"):
        _known_table(match)
    elif not is_our_sequence(named["sequence"]):
        raise _not_ours(sql)
    _require_harmless(sql)
    return sql


def _known_table(match: re.Match) -> str:
    """Return the statement if it is about a table of ours."""
    if match["table"].strip('"') not in table_names():
        raise _not_ours(match[0])
    return match[0]


def _require_harmless(sql: str) -> None:
    """Refuse a statement that calls a function which no definition of ours calls."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    if ";" in bare[:-1] or "--" in bare or "/*" in bare or "$" in bare:
        raise _not_ours(sql)
    for word in CALL.findall(bare):
        if not _may_have_bracket(word):
            raise _not_ours(sql)


def _may_have_bracket(word: str) -> bool:
    if word.startswith("public."):
        return word.removeprefix("public.").strip('"') in table_names()
    return word == "pg_catalog.setval" or word.lower() in BEFORE_BRACKET


def _not_ours(sql: str) -> DomainError:
    return stranger(" ".join(sql.split())[:80])
