"""What may be told about an error: its kind and its place in our code, never its data."""

import logging
import re
import traceback
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings

from billtracker.core.process.jobs import JobFailed

PACKAGES = frozenset({"billtracker", "bills", "billing", "banksync", "notifications", "backups", "opsstatus"})
# Their messages are written with placeholders, so that what stands in the code holds no data.
TEMPLATED = PACKAGES | {"django"}
PLACEHOLDER = re.compile(r"%(\(\w+\))?[-#0 +]*\d*(\.\d+)?[a-zA-Z]")
FRAME = re.compile(r'^ +File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>\S+)', re.MULTILINE)
PRIVATE = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "[address]"),
    (re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+"), "[address]"),
    (re.compile(r"(?<![\w.])(?:/[\w.@+-]+){2,}/?|\b[A-Za-z]:\\\S+"), "[path]"),
    (re.compile(r"\b[\w+/=-]{32,}"), "[secret]"),
)


@dataclass(frozen=True, slots=True)
class RedactedError:
    """An error as it may be shown: ``ValueError`` in ``bills.services.bills.save_bill, line 12``."""

    kind: str
    place: str = ""
    message: str = ""

    def __str__(self) -> str:
        where = f"{self.kind} in {self.place}" if self.place else self.kind
        return f"{where}: {self.message}" if self.message else f"{where}."


def redact(text: str) -> str:
    """Return the text without addresses, paths and anything that looks like a key."""
    for known in (settings.SECRET_KEY, *settings.ENCRYPTION_KEYS, str(settings.DATA_DIR)):
        text = text.replace(known, "[secret]")
    for pattern, word in PRIVATE:
        text = pattern.sub(word, text)
    return text


def cap_line(text: str, length: int) -> str:
    """Return one line of at most ``length`` characters that every database can hold."""
    line = " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


# --- where in our code -------------------------------------------------------------------------
def _module_of(path: str) -> str:
    """Return ``bills.services.bills`` for a file of ours, nothing for one of somebody else's."""
    try:
        inside = PurePath(path).relative_to(settings.BASE_DIR)
    except ValueError:
        return ""
    return ".".join(inside.with_suffix("").parts) if inside.parts[0] in PACKAGES else ""


def _place_in(frames: list[tuple[str, int, str]]) -> str:
    """Name the innermost of the frames (path, line, function) that is ours."""
    for path, line, name in reversed(frames):
        if module := _module_of(path):
            return f"{module}.{name}, line {line}"
    return ""


def _fault_of_exception(error: BaseException) -> RedactedError:
    """Return what may be told of an exception. Its own text is left out unless a job wrote it for people."""
    frames = [(f.filename, f.lineno or 0, f.name) for f in traceback.extract_tb(error.__traceback__)]
    message = str(error) if isinstance(error, JobFailed) else (getattr(error, "strerror", None) or "")
    return RedactedError(type(error).__name__, _place_in(frames), cap_line(redact(str(message)), 300))


def fault_of_traceback(text: str) -> RedactedError:
    """Return what may be told of a traceback that came as text, as the worker's results do."""
    last = text.rpartition("Traceback (most recent call last):")[2]
    frames = [(m["path"], int(m["line"]), m["name"]) for m in FRAME.finditer(last)]
    ending = [line for line in last.splitlines() if re.match(r"[\w.]+(:|$)", line)]
    kind, _, message = ending[0].partition(": ") if ending and frames else ("Error", "", "")
    kind = kind.rstrip(":").rpartition(".")[2]
    told = cap_line(redact(message), 300) if kind == JobFailed.__name__ else ""
    return RedactedError(cap_line(kind, 120), _place_in(frames), told)


def fault_of_record(record: logging.LogRecord) -> RedactedError:
    """Return what may be told of a log record: its placeholders stay empty."""
    message = str(record.msg) if record.args or record.name.split(".")[0] in TEMPLATED else ""
    message = cap_line(redact(PLACEHOLDER.sub("…", message)), 300)
    if record.exc_info and record.exc_info[1]:
        found = _fault_of_exception(record.exc_info[1])
        return RedactedError(found.kind, found.place, found.message or message)
    place = (
        f"{module}.{record.funcName}, line {record.lineno}" if (module := _module_of(record.pathname)) else ""
    )
    return RedactedError(record.name, place, message)
