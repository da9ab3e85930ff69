"""Tables that leave as files, safe to open in a spreadsheet."""

import csv
import datetime as dt
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value) -> str:
    """Return a cell's text; one that a spreadsheet would run as a formula gets an apostrophe in front.

    Numbers are written as numbers: a negative amount is no formula.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else f"{value}"


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence]) -> HttpResponse:
    """Return the table as a CSV download in UTF-8, with the mark that spreadsheets look for."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return response
