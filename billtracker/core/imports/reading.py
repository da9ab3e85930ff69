"""From the bytes of a CSV or XLSX file to rows of clean text; nothing in a file is trusted."""

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from billtracker.core.exceptions import DomainError
from billtracker.core.imports import workbooks
from billtracker.core.imports.limits import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS
from billtracker.core.text import clean

DELIMITERS = ",;\t|"
SMALL_TEXT = 256 * 1024
_NOT_TABLES = {
    b"%PDF": "This is a PDF. Save the table as CSV or XLSX and upload that.",
    b"\xd0\xcf\x11\xe0": "This is an old or a password-protected Excel file. Save it as XLSX or CSV.",
    b"{\\rtf": "This is a text document. Save the table as CSV or XLSX and upload that.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file; ``number`` is the one a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file that are not empty, and how the file was understood."""

    lines: list[Line]
    form: str  # "XLSX, sheet Bills" or "UTF-8, separated by semicolons"

    @property
    def width(self) -> int:
        return max((len(line.cells) for line in self.lines), default=0)


def read(content: bytes) -> Sheet:
    """Read a file; anything that is no table within the limits raises DomainError with a sentence."""
    check_size(len(content))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DomainError("The file is empty.")
    for start, sentence in _NOT_TABLES.items():
        if content.startswith(start):
            raise DomainError(sentence)
    if content.startswith(b"PK\x03\x04"):
        name, rows = workbooks.rows(content)
        return Sheet(_collect_rows(rows), f"XLSX, sheet {name}")
    text, encoding = _decode(content)
    delimiter, text = _split_off_delimiter(text)
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    return Sheet(_collect_rows(_records(text, delimiter)), f"{encoding}, separated by {names[delimiter]}")


def check_size(size: int) -> None:
    """Refuse a file above the limit before anything reads it."""
    if size > MAX_BYTES:
        raise DomainError(
            f"The file has {size / 1024 / 1024:.1f} MB; the limit is {MAX_BYTES // 1024 // 1024} MB. "
            "Split it and bring the parts in one after the other."
        )


def is_small(content: bytes) -> bool:
    """Say whether reading the file takes no longer than a page may."""
    if content.startswith(b"PK\x03\x04"):
        return workbooks.is_small(content)
    return len(content) <= SMALL_TEXT


# --- text files --------------------------------------------------------------------------------
def _decode(content: bytes) -> tuple[str, str]:
    """Return the file's text and the name of its encoding."""
    for mark, codec, name in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return content.decode(codec, errors="replace"), name
    if codec := _utf_16_without_mark(content):
        return content.decode(codec, errors="replace"), "UTF-16"
    try:
        return _checked_text(content.decode("utf-8")), "UTF-8"
    except UnicodeDecodeError:
        return _checked_text(content.decode("cp1252", errors="replace")), "Windows-1252"


def _utf_16_without_mark(content: bytes) -> str:
    """Return the codec when every other byte of the beginning is nearly always zero."""
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half < 4:
        return ""
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def _checked_text(text: str) -> str:
    """Refuse a picture or a program that somebody took for a table."""
    head = text[:8192]
    strange = sum((char < " " and char not in "\t\r\n\x00") or char == "\ufffd" for char in head)
    if strange > 8 + len(head) // 50:
        raise DomainError("This does not look like a table. Upload a CSV or an XLSX file.")
    return text


def _split_off_delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter and the text; a first line ``sep=;`` as Excel writes it is obeyed."""
    first, _, _ = text.partition("\n")
    stated = first.strip().lower()
    if stated.startswith("sep=") and stated[4:5] in DELIMITERS and len(stated) == 5:
        # The line keeps its place so that row numbers stay those of the spreadsheet.
        return stated[4], "\n" + text.partition("\n")[2]
    return _guess_delimiter(text), text


def _guess_delimiter(text: str) -> str:
    """Return the delimiter that gives the most even rows of more than one cell."""
    sample = text[:65_536]

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row, _ in zip(rows, range(200), strict=False) if row)
        except csv.Error:
            return 0, 0
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return (count / widths.total(), width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of CSV text; quoted cells may hold delimiters and line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise DomainError(
            f"Row {reader.line_num} cannot be read ({error}). A quotation mark may not be closed."
        ) from None


# --- both --------------------------------------------------------------------------------------
def _collect_rows(rows: Iterable[list[str]]) -> list[Line]:
    """Return the rows that hold something, cleaned, within the limits."""
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        cells = [_checked_cell(cell, number) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise DomainError(f"Row {number} has more than {MAX_COLUMNS} columns.")
        if len(lines) > MAX_ROWS:  # one more than the limit: the headings
            raise DomainError(
                f"The file has more than {MAX_ROWS:,} rows. Split it and bring the parts in one by one."
            )
        lines.append(Line(number, tuple(cells)))
    if not lines:
        raise DomainError("The file holds no rows.")
    return lines


def _checked_cell(text: str, number: int) -> str:
    if len(text) > MAX_CELL:
        raise DomainError(
            f"A cell of row {number} is longer than {MAX_CELL:,} characters; "
            "a quotation mark may not be closed."
        )
    return clean(text)


# --- keeping -----------------------------------------------------------------------------------
def pack(sheet: Sheet) -> bytes:
    """Return the sheet as compressed JSON, the form a preview keeps it in."""
    rows = [[line.number, *line.cells] for line in sheet.lines]
    return zlib.compress(json.dumps([sheet.form, rows], ensure_ascii=False).encode(), 1)


def unpack(packed: bytes) -> Sheet:
    """Return the sheet that ``pack`` made these bytes from."""
    form, rows = json.loads(zlib.decompress(packed))
    return Sheet([Line(row[0], tuple(row[1:])) for row in rows], form)
