"""Dates as files write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.imports.amounts import Guess
from billtracker.core.imports.dates import DateError, DateReader, guess_order

FEBRUARY_1 = dt.date(2026, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2026",
        "1.2.2026",
        "1-2-26",
        "2026-02-01",
        "2026/2/1",
        "2026-02-01T00:00:00",
        "1 Feb 2026",
        "1st February 2026",
        "Feb 1, 2026",
        "Sunday, February 1st, 2026",
        "01-Feb-2026",
        "01/02/2026 08:30",
    ],
)
def test_the_first_of_february_in_many_writings(text):
    assert DateReader("dmy").read(text) == FEBRUARY_1


def test_month_first_where_the_column_says_so():
    assert DateReader("mdy").read("02/01/2026") == FEBRUARY_1


@pytest.mark.parametrize(
    "text", ["", "31/02/2026", "13/13/2026", "12th", "2026", "1/2", "Foo 1, 2026", "0/1/2026"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(DateError):
        DateReader("dmy").read(text)


@pytest.mark.parametrize(
    ("cells", "guess"),
    [
        (["07/01/2026", "18/01/2026"], Guess("dmy", True)),
        (["01/07/2026", "01/18/2026"], Guess("mdy", True)),
        (["01/02/2026", "03/04/2026"], Guess("dmy", False)),
        (["18/01/2026", "01/18/2026"], Guess("dmy", False)),
        (["03/03/2026", "04/04/2026"], Guess("dmy", True)),
        (["2026-01-02", "3 Feb 2026"], Guess("dmy", True)),
        ([], Guess("dmy", True)),
    ],
)
def test_the_whole_column_decides(cells, guess):
    assert guess_order(cells) == guess


@given(st.lists(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)), min_size=1))
def test_a_sure_order_reads_every_date_as_it_was_written(days):
    for order, writing in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")):
        cells = [day.strftime(writing) for day in days]
        guess = guess_order(cells)
        if guess.is_sure:
            assert [DateReader(guess.answer).read(cell) for cell in cells] == days
        assert [DateReader(order).read(cell) for cell in cells] == days
