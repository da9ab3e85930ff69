"""Files as they come: encodings, delimiters, quotes, workbooks, and files that mean harm."""

import datetime as dt
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from billtracker.core.exceptions import DomainError
from billtracker.core.imports import reading
from billtracker.core.text import clean, comparison_key


def cells(content):
    return [line.cells for line in reading.read(content).lines]


def workbook(*rows, prepare=lambda sheet: None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    prepare(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content, name, text):
    """Return the archive with another text in one part."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, text if part.filename == name else old.read(part.filename))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("name;price\nCafé;12,50".encode("utf-8-sig"), "UTF-8"),
        ("name;price\nCafé;12,50".encode(), "UTF-8"),
        ("name;price\nCafé;12,50".encode("utf-16"), "UTF-16"),
        ("name;price\nCafé;12,50".encode("utf-16-le"), "UTF-16"),
        ("name;price\nCafé;12,50".encode("utf-16-be"), "UTF-16"),
        ("name;price\nCafé;12,50".encode("cp1252"), "Western European (Windows-1252)"),
    ],
)
def test_every_encoding_gives_the_same_cells(content, form):
    assert cells(content) == [("name", "price"), ("Café", "12,50")]
    assert reading.read(content).form == f"{form}, separated by semicolons"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_others_stand_in_the_cells(delimiter):
    rows = [("name", "amount", "note"), ("Rent", '"1,850.00; gross"', "a|b"), ("Gas", "88.00", "c")]
    text = "\n".join(delimiter.join(f'"{c}"' if delimiter in c else c for c in row) for row in rows)
    found = cells(text.replace('""', '"').encode())
    assert [row[0] for row in found] == ["name", "Rent", "Gas"]
    assert [len(row) for row in found] == [3, 3, 3]


def test_a_first_line_sep_is_obeyed_and_numbers_stay_those_of_the_spreadsheet():
    sheet = reading.read(b"sep=;\na;b,c\n1;2\n")
    assert [(line.number, line.cells) for line in sheet.lines] == [(2, ("a", "b,c")), (3, ("1", "2"))]


def test_quoted_cells_hold_line_ends_and_empty_rows_keep_their_numbers():
    sheet = reading.read(b'name,note\r\nRent,"first\r\nsecond"\r\n\r\n,,\r\nGas,x\r\n')
    assert [(line.number, line.cells) for line in sheet.lines] == [
        (1, ("name", "note")),
        (2, ("Rent", "first\nsecond")),
        (5, ("Gas", "x")),
    ]


def test_what_nobody_can_see_is_taken_out_of_cells():
    text = "na\u202eme,\u200bamount\nR\x00e\x07nt\ufeff,5\n"
    assert cells(text.encode()) == [("name", "amount"), ("Rent", "5")]
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("e\u0301") == "é"
    assert comparison_key("  STRASSE\u00a0Ⅷ ") == comparison_key("straße viii")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n", "The file is empty."),
        (b",,,\n,,\n", "The file holds no rows."),
        (b"%PDF-1.4", "This is a PDF."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old or a password-protected Excel file"),
        (bytes(range(1, 32)) * 40, "This does not look like a table."),
        (b"PK\x03\x04 and nothing more", "The file is damaged"),
        (b"a,b\n" + b"x" * 4_001 + b",1", "A cell of row 2 is longer than 4,000 characters"),
        (b'a,b\n"never closed,1\n' + b"x,1\n" * 2_000, "opened in line 2 is never closed"),
        (b'a,b\n"never closed,1\n' + b"x,1\n" * 50_000, "opened in line 2 is never closed"),
        (b'a,b\n"closed" and more,1\n', "Text follows a closing quotation mark in line 2"),
        (b",".join([b"x"] * 101), "Row 1 has more than 100 columns."),
        (b"a\n" * 50_002, "more than 50,000 rows"),
        (b"a" * (10 * 1024 * 1024 + 1), r"10\.0 MB; the limit is 10 MB"),
    ],
)
def test_a_file_that_is_no_table_gets_a_sentence(content, sentence):
    with pytest.raises(DomainError, match=sentence):
        reading.read(content)


def test_fifty_thousand_rows_below_the_headings_are_read():
    assert len(reading.read(b"a,b\n" + b"1,2\n" * 50_000).lines) == 50_001


def test_a_workbook_gives_values_as_text():
    content = workbook(
        ["Bill", "Amount", "First due", "Autopay"],
        ["Rent", 1850, dt.date(2026, 1, 1), True],
        ["Gas", 0.1 + 0.2, dt.datetime.fromisoformat("2026-01-02T03:04"), False],
        ["Tax", 1.284, None, None],
        ["=HYPERLINK(1)", "=1+1", "12th", " x "],
    )
    assert cells(content) == [
        ("Bill", "Amount", "First due", "Autopay"),
        ("Rent", "1850", "2026-01-01", "yes"),
        ("Gas", "0.3", "2026-01-02T03:04:00", "no"),
        ("Tax", "1.2840"),
        ("#FORMULA?", "#FORMULA?", "12th", "x"),
    ]
    assert reading.read(content).form == "XLSX, sheet Sheet"


@pytest.mark.parametrize(("row", "column", "named"), [(1_048_576, 1, "Row 200001"), (2, 16_384, "Row 2")])
def test_a_cell_at_the_far_end_of_a_workbook_is_refused_at_once(row, column, named):
    content = workbook(["a"], [1], prepare=lambda sheet: sheet.cell(row=row, column=column, value="end"))
    with pytest.raises(DomainError, match=f"{named} has cells far from the table"):
        reading.read(content)


def test_a_workbook_that_lies_about_its_size_is_read_for_what_it_holds():
    content = workbook(["a", "b"], [1, 2])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml").decode()
    lying = part.replace('<dimension ref="A1:B2" />', '<dimension ref="A1:XFD1048576" />')
    assert lying != part
    assert cells(changed(content, "xl/worksheets/sheet1.xml", lying)) == [("a", "b"), ("1", "2")]


def test_an_archive_that_unpacks_to_too_much_is_refused_unread():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (61 * 1024 * 1024))
    assert len(file.getvalue()) < 100_000
    with pytest.raises(DomainError, match="unpacks to more than 60 MB"):
        reading.read(file.getvalue())


def test_entities_in_a_workbook_are_refused():
    content = workbook(["a"], [1])
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
    with pytest.raises(DomainError, match="parts that no spreadsheet writes"):
        reading.read(changed(content, "xl/workbook.xml", bomb))


def test_an_archive_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(DomainError, match="no Excel workbook"):
        reading.read(file.getvalue())


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_sentence(content):
    with suppress(DomainError):
        sheet = reading.read(content)
        assert reading.unpack(reading.pack(sheet)) == sheet


@given(st.binary(max_size=200), st.integers(0, 5_000))
def test_a_damaged_workbook_gives_rows_or_a_sentence(noise, at):
    content = workbook(["Bill", "Amount"], ["Rent", 5])
    with suppress(DomainError):
        reading.read(content[:at] + noise + content[at + len(noise) :])
