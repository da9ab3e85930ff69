"""Through which entry point a change comes, and in which request."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath


def command_of(argv: Sequence[str]) -> str:
    """Return ``command create_user`` for a process that manage.py started; empty for any other."""
    is_ours = len(argv) > 1 and PurePath(argv[0]).name == "manage.py"
    return f"command {argv[1]}"[:60] if is_ours else ""


COMMAND = command_of(sys.argv)
# Set by middleware, jobs and imports.
source_of_change: ContextVar[str] = ContextVar("source_of_change", default=COMMAND)
request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def coming_from(source: str, request: str = "") -> Iterator[None]:
    """Let every entry that is recorded inside say that it came through this entry point."""
    tokens = source_of_change.set(source), request_id.set(request or request_id.get())
    try:
        yield
    finally:
        source_of_change.reset(tokens[0])
        request_id.reset(tokens[1])
