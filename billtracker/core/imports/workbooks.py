"""Rows out of an XLSX file: values only, no macro or formula is run, a hostile archive is refused."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal

from billtracker.core.exceptions import DomainError
from billtracker.core.imports.limits import MAX_COLUMNS, MAX_PARTS, MAX_ROW_NUMBER, MAX_UNZIPPED

SMALL = 2 * 1024 * 1024
BROKEN = "The file is damaged or is no Excel workbook. Save it again as XLSX, or as CSV."
# An XLSX part needs no document type; entities are the way to make a small file huge.
FORBIDDEN = ("<!DOCTYPE", "<!ENTITY")


def rows(content: bytes) -> tuple[str, Iterator[list[str]]]:
    """Return the first sheet's name and its rows as text; formulas come as their text.

    Raises DomainError for an archive that is damaged, too large when unpacked, or no workbook.
    """
    _check_archive(content)
    from openpyxl import load_workbook  # 0.2 s that only those who need it pay

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = next(s for s in book.worksheets if s.sheet_state == "visible")
        # Whatever size the file declares, only cells that exist are walked.
        sheet.reset_dimensions()
    except Exception:  # openpyxl raises KeyError, ValueError, zlib and XML errors alike
        raise DomainError(BROKEN) from None
    return str(sheet.title), _texts(sheet)


def _texts(sheet) -> Iterator[list[str]]:
    """Yield the rows of a sheet as text; cells far from the table are refused, never dropped."""
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROW_NUMBER or any(value is not None for value in row[MAX_COLUMNS:]):
                raise DomainError(
                    f"Row {number} has cells far from the table; delete them, or save the table as CSV."
                )
            yield [_as_text(value) for value in row[:MAX_COLUMNS]]
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
