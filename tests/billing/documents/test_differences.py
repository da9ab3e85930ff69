"""Two statements of one engagement side by side: exactly what differs is said."""

import datetime as dt
from decimal import Decimal

from billing.documents.differences import ComparedLine, ComparedStatement, differences, without_period

BOOKS = ComparedLine("Bookkeeping, {period}", Decimal(1), Decimal("2500.00"))
TAX = ComparedLine("Tax return", Decimal("2.50"), Decimal("400.00"))


def said(*lines, currency="USD", terms=15, notes="", is_partial=False) -> ComparedStatement:
    return ComparedStatement(currency, lines or (BOOKS,), terms, notes, is_partial)


def told(before, now) -> list[str]:
    return [str(one) for one in differences(before, now)]


def test_the_same_as_last_month_says_nothing():
    assert told(said(), said()) == []


def test_the_first_statement_is_named_so():
    assert told(None, said()) == ["The first statement of this engagement"]


def test_a_partial_period_is_always_named():
    partial = said(is_partial=True)
    assert told(said(), partial) == ["The period is a partial one"]
    assert told(partial, partial) == ["The period is a partial one"]


def test_a_changed_fee_names_both():
    dearer = ComparedLine(BOOKS.description, BOOKS.quantity, Decimal("3000.00"))
    assert told(said(), said(dearer)) == ["Fee of Bookkeeping, {period}: $2,500.00 → $3,000.00"]


def test_a_changed_quantity_names_both():
    more = ComparedLine(TAX.description, Decimal(3), TAX.unit_price)
    assert told(said(TAX), said(more)) == ["Quantity of Tax return: 2.5 → 3"]


def test_lines_that_came_and_went_are_named_and_their_order_is_no_difference():
    assert told(said(), said(BOOKS, TAX)) == ["New line: none → Tax return, 2.5 × $400.00"]
    assert told(said(BOOKS, TAX), said()) == ["Line left out: Tax return, 2.5 × $400.00 → none"]
    assert told(said(BOOKS, TAX), said(TAX, BOOKS)) == []


def test_a_line_that_stands_twice_is_a_new_line():
    assert told(said(TAX), said(TAX, TAX)) == ["New line: none → Tax return, 2.5 × $400.00"]


def test_terms_and_notes_are_compared_and_open_dates_are_not():
    assert told(said(), said(terms=1)) == ["Terms: 15 days → 1 day"]
    assert told(said(), said(terms=None)) == []
    assert told(said(), said(notes="Thank you")) == ["Notes: none → Thank you"]


def test_another_currency_is_said_and_so_is_each_price():
    assert told(said(), said(currency="JPY", terms=15)) == [
        "Currency: USD → JPY", "Fee of Bookkeeping, {period}: $2,500.00 → ¥2,500",
    ]  # fmt: skip


def test_the_name_of_the_period_is_taken_out_of_the_words():
    start, end = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
    assert without_period("Books, September 2026", start, end) == "Books, {period}"
    assert without_period("Books, September 2026", None, None) == "Books, September 2026"
