"""Tables that leave as files, safe to open in a spreadsheet."""

import csv
import datetime as dt
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse

from billtracker.core.text import clean

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets look for it
# In any width: "＝" is one for some programs.
FORMULA_STARTS = ("=", "+", "-", "@")


def _safe_cell(value) -> str:
    """Return a cell's text; one that a spreadsheet would run as a formula gets an apostrophe in front.

    The guard comes last: what stands before a formula and cannot be seen is gone by then. Numbers are
    written as numbers: a negative amount is no formula.
    """
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if unicodedata.normalize("NFKC", text[:1]).startswith(FORMULA_STARTS) else text
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else f"{value}"


Row = Mapping[str, object]  # cells by the names in the header; one that it lacks is empty


def _cells_of(header: Sequence[str], row: Row) -> list:
    """Return a row's cells in the header's order; KeyError for one that the header does not name."""
    if unknown := row.keys() - set(header):
        raise KeyError(f"No column is called {', '.join(sorted(unknown))}.")
    return [row.get(name, "") for name in header]


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Row]) -> HttpResponse:
    """Return the table as a CSV download in UTF-8, with the mark that spreadsheets look for."""
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([_safe_cell(value) for value in _cells_of(header, row)] for row in rows)
    return response


# --- workbooks ---------------------------------------------------------------------------------
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_DIGITS = 15  # what a spreadsheet's number holds exactly


def xlsx_response(filename: str, header: Sequence[str], rows: Iterable[Row]) -> HttpResponse:
    """Return the table as a workbook of one sheet; amounts are numbers with their places, days are days."""
    from openpyxl import Workbook  # 0.2 s that only those who need it pay

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Report")
    sheet.append([_workbook_cell(sheet, name) for name in header])
    for row in rows:
        sheet.append([_workbook_cell(sheet, value) for value in _cells_of(header, row)])
    content = io.BytesIO()
    book.save(content)
    response = HttpResponse(content.getvalue(), content_type=SHEETS)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _workbook_cell(sheet, value):
    """Return one cell; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    # Slow to load; pages do without.
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= MOST_DIGITS:
        cell, places = WriteOnlyCell(sheet, value), max(0, -int(value.as_tuple().exponent))
        cell.number_format = f"#,##0.{'0' * places}" if places else "#,##0"
        return cell
    if isinstance(value, int | dt.date):
        return WriteOnlyCell(sheet, value)
    return WriteOnlyCell(sheet, _safe_cell(value))


# --- tables too long for memory ----------------------------------------------------------------
def csv_stream(filename: str, header: Sequence[str], rows: Iterable[Row]) -> StreamingHttpResponse:
    """Return the same download, written row by row while it is read."""
    return _stream_file(filename, "text/csv; charset=utf-8", csv_lines(header, rows))


def json_stream(filename: str, objects: Iterable[Mapping]) -> StreamingHttpResponse:
    """Return a JSON array as a download, one object a line, written while it is read."""
    return _stream_file(filename, "application/json", _json_lines(objects))


def _stream_file(filename: str, content_type: str, pieces: Iterator[str]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def csv_lines(header: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_safe_cell(value) for value in _cells_of(header, row)])


class Echo:
    """A file that keeps nothing: the csv module gives back what its file's ``write`` returns."""

    def write(self, line: str) -> str:
        return line


def _json_lines(objects: Iterable[Mapping]) -> Iterator[str]:
    """Yield the lines of one JSON array, ``[]`` for nothing."""
    opening = "["
    for one in objects:
        yield f"{opening}\n{json.dumps(one, ensure_ascii=False)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
