"""Text as it may stand in a header, in a body and in a reason: no control characters, no surprises."""

import re
import unicodedata

# They reorder what stands around them, and may outlast the name they came with.
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROLS = {"Cc", "Zl", "Zp"}


def _writable(text: str) -> str:
    """Return the text with lone surrogates, which no encoding holds, replaced."""
    return text.encode("utf-8", "replace").decode()


def one_line(text: str, length: int) -> str:
    """Return one line of at most ``length`` characters: line breaks and controls become spaces."""
    plain = BIDI.sub("", _writable(text))
    plain = "".join(" " if unicodedata.category(mark) in CONTROLS else mark for mark in plain)
    line = " ".join(plain.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def block(text: str) -> str:
    """Return text of several lines, all ended alike, without other control characters."""
    plain = _writable(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(mark for mark in plain if mark in "\n\t" or unicodedata.category(mark) != "Cc")
