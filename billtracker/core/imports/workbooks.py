"""Rows out of an XLSX file: stored values only, no macro or formula is run, a hostile archive is refused."""

import datetime as dt
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from defusedxml.ElementTree import iterparse

from billtracker.core.exceptions import DomainError
from billtracker.core.imports.limits import MAX_COLUMNS, MAX_PARTS, MAX_ROW_NUMBER, MAX_UNZIPPED

FORMULA_WITHOUT_VALUE = "#FORMULA?"
SHEET_NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SMALL = 2 * 1024 * 1024
BROKEN = "The file is damaged or is no Excel workbook. Save it again as XLSX, or as CSV."
# An XLSX part needs no document type; entities are the way to make a small file huge.
FORBIDDEN = ("<!DOCTYPE", "<!ENTITY")


@dataclass(frozen=True, slots=True)
class WorkbookTable:
    """One sheet's rows as text, and the names of all sheets that hold something."""

    name: str
    names: tuple[str, ...]
    rows: Iterator[list[str]]


def read_table(content: bytes, name: str = "") -> WorkbookTable:
    """Return a sheet of the workbook, the first that holds something unless named.

    Formulas come as the values that were stored with them; one without a value as
    ``FORMULA_WITHOUT_VALUE``. Raises DomainError for an archive that is damaged, too large when
    unpacked, no workbook, or has no such sheet.
    """
    _check_archive(content)
    from openpyxl import load_workbook  # 0.2 s that only those who need it pay

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            # Whatever size the file declares, only cells that exist are walked.
            sheet.reset_dimensions()
        filled = [sheet for sheet in visible if _holds_something(sheet)] or visible[:1]
        chosen = next((sheet for sheet in filled if sheet.title == name), None) if name else filled[0]
        uncalculated = _uncalculated_cells(content, chosen)
    except Exception:  # openpyxl raises KeyError, ValueError, zlib and XML errors alike
        raise DomainError(BROKEN) from None
    if chosen is None:
        raise DomainError(f"The workbook has no sheet “{name[:60]}”.", field="sheet")
    names = tuple(str(sheet.title) for sheet in filled)
    return WorkbookTable(str(chosen.title), names, _texts(chosen, uncalculated))


def _holds_something(sheet) -> bool:
    return any(value is not None for row in sheet.iter_rows(values_only=True) for value in row)


def _uncalculated_cells(content: bytes, sheet) -> Mapping[int, list[int]]:
    """Return {row: columns} of the cells whose formula came without a value.

    A program that writes workbooks without calculating leaves values out; they would look empty.
    """
    if sheet is None:
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read(sheet._worksheet_path)  # openpyxl tells the part's name in no other way
    if b"<f" not in part:
        return {}
    cells = defaultdict(list)
    for _, cell in iterparse(io.BytesIO(part)):
        if cell.tag == f"{SHEET_NAMES}c":
            value = cell.findtext(f"{SHEET_NAMES}v")
            # An empty text is a value that was calculated.
            if cell.find(f"{SHEET_NAMES}f") is not None and not value and cell.get("t") != "str":
                row, column = _place_of(cell.get("r"))
                cells[row].append(column)
            cell.clear()
    return cells


def _place_of(name: str) -> tuple[int, int]:
    """Return row and column of ``B7``, both from 1."""
    match = re.fullmatch(r"([A-Z]+)([0-9]+)", name)
    if match is None:
        raise ValueError(name)
    letters, digits = match.groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits), column


def _texts(sheet, uncalculated: Mapping[int, list[int]]) -> Iterator[list[str]]:
    """Yield the rows of a sheet as text; cells far from the table are refused, never dropped."""
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROW_NUMBER or any(value is not None for value in row[MAX_COLUMNS:]):
                raise DomainError(
                    f"Row {number} has cells far from the table; delete them, or save the table as CSV."
                )
            texts = [_as_text(value) for value in row[:MAX_COLUMNS]]
            for column in uncalculated.get(number, ()):
                texts[column - 1] = FORMULA_WITHOUT_VALUE
            yield texts
    except DomainError:
        raise
    except Exception:
        raise DomainError(BROKEN) from None


def _check_archive(content: bytes) -> None:
    """Refuse an archive that is no workbook, or that unpacks to more than the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        raise DomainError(BROKEN) from None
    except Exception as error:
        if isinstance(error, DomainError):
            raise
        raise DomainError(BROKEN) from None


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise DomainError("This archive is no Excel workbook. Upload a CSV or an XLSX file.")
    # zipfile never unpacks more than the size a part declares, so the sum is a promise.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNZIPPED:
        raise DomainError("The workbook unpacks to more than 60 MB. Save the table as CSV and upload that.")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and _has_doctype(archive, part):
            raise DomainError("The workbook holds parts that no spreadsheet writes. Save the table as CSV.")


def _has_doctype(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Say whether the part's beginning declares a document type, in any encoding XML may have."""
    with archive.open(part) as file:
        head = file.read(4096).replace(b"\x00", b"").upper()
    return any(word.encode() in head for word in FORBIDDEN)


def is_small(content: bytes) -> bool:
    """Say whether the workbook unpacks to little enough to be read while the person waits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist()) <= SMALL
    except Exception:  # a damaged one is refused at once
        return True


def _as_text(value) -> str:
    """Return a cell's value as the text a CSV file would hold."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return _number_text(value)
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
    return str(value)


def _number_text(value: float) -> str:
    """Return a number with the 15 digits a spreadsheet keeps, never in a form with two readings."""
    text = f"{Decimal(f'{value:.15g}'):f}" if value == value and abs(value) < 1e300 else "not a number"
    whole, _, fraction = text.partition(".")
    # "1.284" could be a thousand and more; "1.2840" cannot.
    return f"{whole}.{fraction}0" if len(fraction) == 3 else text
