"""Cells of a row: read as text, days, amounts, numbers and choices, or refused in a sentence."""

import datetime as dt
from decimal import Decimal

import pytest

from billtracker.core.imports.amounts import AmountReader
from billtracker.core.imports.dates import DateReader
from billtracker.core.imports.rows import Answers, RowCells, RowProblem

ANSWERS = Answers({}, AmountReader(".", "USD"), DateReader("dmy"), {})


def cell(text: str) -> RowCells:
    return RowCells(2, {"x": text}, ANSWERS)


@pytest.mark.parametrize(
    ("text", "read", "value"),
    [
        (" Rent\n of May ", lambda row: row.text("x", 20), "Rent of May"),
        ("1 Main St\n\n  Cebu ", lambda row: row.lines("x", 20), "1 Main St\nCebu"),
        ("ann@example.com", lambda row: row.email("x"), "ann@example.com"),
        ("03/02/2026", lambda row: row.date("x"), dt.date(2026, 2, 3)),
        ("30 Days", lambda row: row.whole_number("x", 0, 365), 30),
        ("In-Arrears", lambda row: row.choice("x", {"in arrears": 1}, "arrears"), 1),
        ("Yes", lambda row: row.is_yes("x", "Autopay"), True),
        ("", lambda row: row.is_yes("x", "Autopay"), False),
        ("", lambda row: row.date("x"), None),
        ("", lambda row: row.amount("x"), None),
        ("", lambda row: row.whole_number("x", 0, 365), None),
    ],
)
def test_a_cell_is_read(text, read, value):
    assert read(cell(text)) == value


def test_an_amount_is_in_the_currency_it_names_else_in_the_rows_else_in_the_files():
    amounts = [cell("1,234.50 EUR").amount("x", "PHP"), cell("1").amount("x", "PHP"), cell("1").amount("x")]
    assert [(a.value, a.currency) for a in amounts] == [
        (Decimal("1234.50"), "EUR"), (Decimal(1), "PHP"), (Decimal(1), "USD"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "read", "sentence"),
    [
        ("abc", lambda row: row.text("x", 2), "longer than 2"),
        ("ann", lambda row: row.email("x"), "no|not an e-mail"),
        ("31/02/2026", lambda row: row.date("x"), "is not a date"),
        ("01/02/2200", lambda row: row.date("x"), "out of reach"),
        ("ten", lambda row: row.amount("x"), "ten"),
        ("366", lambda row: row.whole_number("x", 0, 365), "from 0 to 365"),
        ("maybe", lambda row: row.is_yes("x", "Autopay"), "Autopay is yes or no"),
        ("maybe", lambda row: row.choice("x", {"full": 1}, "full"), "not one of: full"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_column(text, read, sentence):
    with pytest.raises(RowProblem, match=sentence) as problem:
        read(cell(text))
    assert problem.value.column == "x"
