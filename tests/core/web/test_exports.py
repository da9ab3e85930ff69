"""Files that are written while they are read: safe in a spreadsheet, valid JSON however long."""

import csv
import io
import json
from itertools import count

import pytest
from openpyxl import load_workbook

from billtracker.core.web.exports import csv_lines, csv_stream, json_stream, xlsx_response


def text_of(response) -> str:
    return response.getvalue().decode()


def test_a_streamed_table_is_safe_in_a_spreadsheet():
    response = csv_stream(
        "a.csv",
        ("name", "n"),
        [{"name": "=1+1", "n": -5}, {"n": None, "name": "@SUM(A1)"}, {"name": 'a "b", c', "n": 1}, {"n": 2}],
    )
    text = text_of(response)
    assert text.startswith("\ufeffname,n\r\n")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert rows == [["'=1+1", "-5"], ["'@SUM(A1)", ""], ['a "b", c', "1"], ["", "2"]]
    assert response["Content-Disposition"] == 'attachment; filename="a.csv"'


@pytest.mark.parametrize("start", ["", "\x01", "\x7f", "\u200b", " ", "\t", "\r\n", "\ufeff\u2060"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\ufe66"])
def test_what_looks_like_a_formula_once_it_is_cleaned_is_guarded(start, sign):
    """O8: the guard comes after the cleaning, in every kind of file."""
    rows = [{"name": f"{start}{sign}1+1"}]
    [[_], [cell]] = csv.reader(io.StringIO("".join(csv_lines(("name",), rows))))
    assert cell == f"'{sign}1+1"
    book = load_workbook(io.BytesIO(xlsx_response("a.xlsx", ("name",), rows).content))
    assert (book.active["A2"].value, book.active["A2"].data_type) == (f"'{sign}1+1", "s")


@pytest.mark.parametrize("objects", [[], [{"a": 1}], [{"a": "ñ"}, {"b": [None, '"']}, {}]])
def test_a_streamed_array_is_valid_json_of_any_length(objects):
    assert json.loads(text_of(json_stream("a.json", objects))) == objects


def test_nothing_is_read_before_it_is_sent():
    endless = iter(csv_stream("a.csv", ("n",), ({"n": n} for n in count())))
    assert [next(endless) for _ in range(3)] == [b"\xef\xbb\xbfn\r\n", b"0\r\n", b"1\r\n"]


def test_a_cell_that_no_column_is_named_for_is_a_mistake():
    with pytest.raises(KeyError, match="No column is called m"):
        list(csv_lines(("n",), [{"m": 1}]))
