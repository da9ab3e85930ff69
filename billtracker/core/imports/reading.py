"""From the bytes of a CSV or XLSX file to rows of clean text; nothing in a file is trusted."""

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from billtracker.core.exceptions import DomainError
from billtracker.core.imports import workbooks
from billtracker.core.imports.encodings import decode
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
    encoding: str = ""  # a key of ENCODINGS, of a text file whose encoding had to be guessed
    sheet: str = ""
    sheets: tuple[str, ...] = ()  # the visible ones of a workbook that hold something
    notices: tuple[str, ...] = ()  # what a person should know before they go on

    @property
    def width(self) -> int:
        return max((len(line.cells) for line in self.lines), default=0)

    @property
    def has_choice(self) -> bool:
        """Whether the file could be read in another way: its text, or another of its sheets."""
        return bool(self.encoding) or len(self.sheets) > 1


def read(content: bytes, *, encoding: str = "", sheet: str = "") -> Sheet:
    """Read a file, in the encoding or the sheet that a person chose, else in the most likely one.

    Anything that is no table within the limits raises DomainError with a sentence.
    """
    check_size(len(content))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DomainError("The file is empty.")
    for start, sentence in _NOT_TABLES.items():
        if content.startswith(start):
            raise DomainError(sentence)
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, sheet)
    decoded = decode(content, encoding)
    delimiter, text = _split_off_delimiter(_checked_text(decoded.text))
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    notices: list[str] = []
    lines = _collect_rows(_records(text, delimiter, notices))
    form = f"{decoded.name}, separated by {names[delimiter]}"
    return Sheet(lines, form, "" if decoded.is_sure else decoded.encoding, notices=tuple(notices))


def _read_workbook(content: bytes, sheet: str) -> Sheet:
    table = workbooks.read_table(content, sheet)
    return Sheet(_collect_rows(table.rows), f"XLSX, sheet {table.name}", sheet=table.name, sheets=table.names)


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


def _records(text: str, delimiter: str, notices: list[str]) -> Iterator[list[str]]:
    """Yield the records of CSV text; quoted cells may hold delimiters and line ends.

    A quotation mark that is never closed would make one cell of all that follows: it is refused. One that
    a later mark happens to close cannot be told from a cell of several lines; the rows are noted.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DomainError(_quotation_fault(str(error), first)) from None
        if reader.line_num > first and any("\n" in cell and delimiter in cell for cell in record):
            notices.append(
                f"Lines {first} to {reader.line_num} are one row, with a cell of several lines. If they "
                "should be rows of their own, a quotation mark is missing."
            )
        yield record


def _quotation_fault(error: str, line: int) -> str:
    if "end of data" in error or "field limit" in error:
        return (
            f"The quotation mark opened in line {line} is never closed, so all that follows would be one "
            "cell. Close it or delete it, then upload the file again. Nothing was imported."
        )
    if "expected after" in error:
        return (
            f"Text follows a closing quotation mark in line {line}. Write a quotation mark inside a cell "
            "twice, then upload the file again. Nothing was imported."
        )
    return f"Line {line} cannot be read ({error}). Nothing was imported."


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
            f"A cell of row {number} is longer than {MAX_CELL:,} characters; a quotation mark may be missing."
        )
    return clean(text)


# --- keeping -----------------------------------------------------------------------------------
def pack(sheet: Sheet) -> bytes:
    """Return the sheet as compressed JSON, the form a preview keeps it in."""
    rows = [[line.number, *line.cells] for line in sheet.lines]
    facts = {field.name: getattr(sheet, field.name) for field in fields(sheet) if field.name != "lines"}
    return zlib.compress(json.dumps([facts, rows], ensure_ascii=False).encode(), 1)


def unpack(packed: bytes) -> Sheet:
    """Return the sheet that ``pack`` made these bytes from."""
    facts, rows = json.loads(zlib.decompress(packed))
    if isinstance(facts, str):  # a preview from before files could be read in several ways
        facts = {"form": facts}
    for name in ("sheets", "notices"):
        facts[name] = tuple(facts.get(name, ()))
    return Sheet([Line(row[0], tuple(row[1:])) for row in rows], **facts)
