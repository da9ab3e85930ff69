"""Amounts, dates, encodings and workbooks as people send them: read rightly or asked about."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from billtracker.core.exceptions import DomainError
from billtracker.core.imports import columns, reading
from billtracker.core.imports.amounts import Amount, AmountReader, guess_mark
from billtracker.core.imports.dates import DateError, DateReader, guess_order
from billtracker.core.imports.handlers import handler_for
from billtracker.core.imports.rows import RowProblem
from billtracker.core.money import MoneyError

ASKED, REFUSED = "asked", "refused"
NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
AMOUNTS = {
    # plain numbers, and thousands in every country's writing
    "1850": "1850", "1850.00": "1850", "1850,00": "1850", "1,850.00": "1850", "1.850,00": "1850",
    "1 850,00": "1850", f"1{NBSP}850,00": "1850", f"1{NARROW}850,00": "1850", "1'850.00": "1850",
    "1’850.00": "1850", "1,23,456.00": "123456", "₹1,23,456.00": "123456 INR", "12,34,56,789.5":
    "123456789.5",
    "1,23,456": "123456", "1,284,000": "1284000", "1.284.000": "1284000", "12,5": "12.5", "0.5": "0.5",
    ".50": "0.5", ",50": "0.5", "0,125": REFUSED, "007.10": "7.1", "+12.50": "12.5", "1,284": ASKED,
    "1.284": ASKED, "12.345": ASKED, "5 000": "5000", "１２.５０": "12.5",
    # below zero
    "-12.50": "-12.5", f"{MINUS}12,50": "-12.5", "12.50-": "-12.5", f"12,50{MINUS}": "-12.5",
    "(12.50)": "-12.5", "($1,234.50)": "-1234.5", "-$12.50": "-12.5", "$-12.50": "-12.5",
    # currencies
    "$15.99": "15.99", "US$15.99": "15.99", "USD 15.99": "15.99", "15.99 USD": "15.99", "$15.99 USD": "15.99",
    "15,99 €": "15.99 EUR", "€15.99": "15.99 EUR", "EUR15.99": "15.99 EUR", "5 000 Ft": "5000 HUF",
    "1 234,50 zł": "1234.5 PLN", "1 234,50 Kč": "1234.5 CZK", "120 000 円": "120000 JPY", "¥120,000": ASKED,
    "12.-": "12", "12,–": "12", "Fr. 12.50": "12.5 CHF", "CHF 1'234.50": "1234.5 CHF", "₱1,000.00":
    "1000 PHP",
    "Rs. 1,23,456.00": "123456 INR", "R$ 1.234,50": "1234.5 BRL", "₩50,000": ASKED,
    "1.234,50 lei": "1234.5 RON",
    # no amounts
    "$5 EUR": REFUSED, "12.34.56": REFUSED, "1,2,3": REFUSED, "12,50 XXQ": REFUSED, "free": REFUSED,
    "12.50.": REFUSED, "1e3": REFUSED, "12%": REFUSED, "--5": REFUSED, "15.999": ASKED, "0.001": REFUSED,
}  # fmt: skip
DAY = dt.date(2026, 11, 5)
SAME_DAY = (
    "2026-11-05", "2026/11/05", "2026.11.05", "2026.11.05.", "2026. 11. 5.", "20261105", "2026-11-5",
    "2026-11-05T00:00:00", "2026-11-05 23:59", "2026-11-05T23:30:00Z", "2026年11月5日", "2026년 11월 5일",
    "5 Nov 2026", "5-Nov-26", "05-Nov-2026", "5 November 2026", "5. November 2026", "Nov 5, 2026",
    "November 5th, 2026", "Thu 5 Nov 2026", "Thursday, November 5, 2026", "5/Nov/2026", "5 nov. 2026",
    "05 NOV 2026", "Nov. 5 2026", "5-nov-2026",
)  # fmt: skip
DATES = {
    "13/11/2026": dt.date(2026, 11, 13), "11/13/2026": dt.date(2026, 11, 13), "31.12.2026": dt.date(2026,
    12, 31),
    "31/12/26": ASKED, "29/02/2028": dt.date(2028, 2, 29), "05/05/2026": dt.date(2026, 5, 5),
    "05/11/2026": ASKED, "05.11.2026": ASKED, "11-05-26": ASKED, "26-11-05": ASKED, "1/2/26": ASKED,
    "29/02/2026": REFUSED, "2026-13-05": REFUSED, "5 Brumaire 2026": REFUSED, "46331": REFUSED, "5/11":
    REFUSED,
    "Nov 2026": REFUSED, "00/11/2026": REFUSED, "5 marble 2026": REFUSED, "05112026": REFUSED,
}  # fmt: skip
ENCODED = {
    "utf-8": "Аренда", "utf-8-sig": "Café", "utf-16": "家賃", "cp1251": "Аренда", "cp1250": "Łódź",
    "shift_jis": "家賃", "cp1252": "Müllabfuhr", "euc_kr": "월세", "koi8_r": "Аренда", "cp1253": "Ενοίκιο",
}  # fmt: skip


CHOICES = {"shift_jis": "cp932", "euc_kr": "cp949"}


def read_amount(text: str) -> Amount | str:
    """Return what a column of this one amount comes to."""
    guess = guess_mark([text])
    if not guess.is_sure:
        return ASKED
    try:
        return AmountReader(guess.answer, "USD").read(text)
    except MoneyError:
        return REFUSED


def read_date(text: str) -> dt.date | str:
    """Return what a column of this one date comes to."""
    guess = guess_order([text])
    try:
        day = DateReader(guess.answer).read(text)
    except DateError:
        return REFUSED
    return day if guess.is_sure else ASKED


@pytest.mark.parametrize("text", AMOUNTS)
def test_a_spelling_of_an_amount(text):
    """B11: as spreadsheets, banks and people write it."""
    value, _, currency = AMOUNTS[text].partition(" ")
    expected = AMOUNTS[text] if value in (ASKED, REFUSED) else Amount(Decimal(value), currency or "USD")
    assert read_amount(text) == expected


@pytest.mark.parametrize(("text", "expected"), [*((text, DAY) for text in SAME_DAY), *DATES.items()])
def test_a_spelling_of_a_date(text, expected):
    """B11: as spreadsheets, banks and people write it."""
    assert read_date(text) == expected


def test_there_are_as_many_spellings_as_were_promised():
    assert (len(AMOUNTS) >= 60, len(SAME_DAY) + len(DATES) >= 40, len(ENCODED) >= 8) == (True, True, True)


@pytest.mark.parametrize("codec", ENCODED)
def test_an_encoding_is_known_or_asked_about_with_samples(codec):
    """B10: no row of question marks and boxes that calls itself fine."""
    content = f"Bill,Amount,Due day\n{ENCODED[codec]},12.50,1\n".encode(codec)
    sheet = reading.read(content)
    if sheet.encoding:
        sheet = reading.read(content, encoding=CHOICES.get(codec, codec))
        answers = columns.answers_of(answers_of_columns(), "USD")
        samples = columns.samples(sheet, 0, {}, handler_for("bills"), answers)
        assert [sample.text for sample in samples["text"]] == [ENCODED[codec]]
    assert sheet.lines[1].cells[0] == ENCODED[codec]


def answers_of_columns(**mapped: int) -> dict:
    return {"headings": 0, "columns": mapped, "decimal_mark": ".", "date_order": "dmy", "options": {}}


def test_one_bad_byte_makes_a_row_that_cannot_be_imported_and_no_other():
    """B10: the rest of a UTF-8 file stays what it is."""
    content = "Bill,Amount\nMüll,1\nGa\xff,2\nCafé,3\n".encode().replace("\xff".encode(), b"\xff")
    sheet = reading.read(content)
    assert [line.cells[0] for line in sheet.lines] == ["Bill", "Müll", "Ga\ufffd", "Café"]
    stored = answers_of_columns(name=0)
    rows = columns.mapped_rows(sheet, stored, columns.answers_of(stored, "USD"))
    rows[0].refuse_unreadable()
    with pytest.raises(RowProblem, match="A character cannot be read"):
        rows[1].refuse_unreadable()


# --- workbooks ---------------------------------------------------------------------------------
def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def calculated(content: bytes, values: dict[str, str]) -> bytes:
    """Return the workbook with stored values beside its formulas, as a spreadsheet program leaves them."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.infolist():
            text = old.read(part).decode()
            if part.filename.endswith("sheet1.xml"):
                for place, value in values.items():
                    kind = "n" if value.isdigit() else "e" if value[:1] == "#" else "str"
                    formula = text.partition(f'<c r="{place}">')[2].partition("<v")[0]
                    empty = f'<c r="{place}">{formula}<v />'
                    assert empty in text
                    text = text.replace(empty, f'<c r="{place}" t="{kind}">{formula}<v>{value}</v>')
            new.writestr(part.filename, text)
    return file.getvalue()


def test_formulas_come_as_the_values_that_were_stored_with_them():
    """B11: a bill is not called =CONCAT(…), and an error or a missing value is said to be one."""
    book = Workbook()
    for row in (
        ["Bill", "Amount"],
        ['=CONCAT("Re","nt")', "=1200/12"],
        ["Gas", "=A9"],
        ["Water", "=1+1"],
        ['=""', 5],
    ):
        book.active.append(row)
    content = calculated(saved(book), {"A2": "Rent", "B2": "100", "B3": "#REF!", "A5": ""})
    sheet = reading.read(content)
    assert [line.cells for line in sheet.lines] == [
        ("Bill", "Amount"),
        ("Rent", "100"),
        ("Gas", "#REF!"),
        ("Water", "#FORMULA?"),
        ("", "5"),
    ]
    stored = answers_of_columns(name=0, amount=1)
    _, gas, water, _ = columns.mapped_rows(sheet, stored, columns.answers_of(stored, "USD"))
    with pytest.raises(RowProblem, match="spreadsheet error #REF!"):
        gas.refuse_unreadable()
    with pytest.raises(RowProblem, match="The formula came without its value"):
        water.refuse_unreadable()


def test_the_sheet_can_be_chosen():
    """B11: hidden and empty sheets are no choice."""
    book = Workbook()
    book.active.title = "Cover"
    for title in ("Bills", "Old"):
        book.create_sheet(title).append([title, 1])
    book.create_sheet("Secret").append(["x"])
    book["Secret"].sheet_state = "hidden"
    sheet = reading.read(saved(book))
    assert (sheet.sheet, sheet.sheets, sheet.has_choice) == ("Bills", ("Bills", "Old"), True)
    assert reading.read(saved(book), sheet="Old").lines[0].cells == ("Old", "1")
    with pytest.raises(DomainError, match="no sheet “Secret”"):
        reading.read(saved(book), sheet="Secret")


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_a_date_is_the_same_day_in_both_calendars_of_workbooks(epoch):
    """B11: the 1904 calendar shifts no date by four years and a day."""
    book = Workbook()
    if epoch:
        book.epoch = epoch
    book.active.append(["First due", dt.date(2026, 11, 5)])
    assert (load_workbook(io.BytesIO(saved(book))).epoch == CALENDAR_MAC_1904) is bool(epoch)
    assert reading.read(saved(book)).lines[0].cells == ("First due", "2026-11-05")
