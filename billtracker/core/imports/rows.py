"""One row of a file: its cells as text, days, amounts and choices, or the sentence why one cannot be read."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from billtracker.core.imports.amounts import Amount, AmountReader, currency_named
from billtracker.core.imports.dates import DateError, DateReader
from billtracker.core.imports.encodings import UNREADABLE
from billtracker.core.imports.workbooks import FORMULA_WITHOUT_VALUE
from billtracker.core.money import MoneyError
from billtracker.core.periods import is_within_reach
from billtracker.core.text import comparison_key, one_line

T = TypeVar("T")
YES_OR_NO = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "on"), True),
    **dict.fromkeys(("no", "n", "false", "0", "", "off", "-"), False),
}
LONGEST_EMAIL = 254


# What spreadsheets show where a formula went wrong.
SPREADSHEET_ERRORS = frozenset(
    ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


class RowProblem(Exception):
    """A row cannot be brought in; ``sentence`` says why, ``column`` names the field at fault."""

    def __init__(self, sentence: str, column: str = ""):
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column


@dataclass(frozen=True, slots=True)
class Answers:
    """How the file is to be read: columns, decimal mark, date order, the handler's questions."""

    columns: Mapping[str, int]
    amounts: AmountReader
    dates: DateReader
    options: Mapping[str, str]
    # Of columns of amounts whose heading names a currency.
    heading_currencies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowCells:
    """One row's mapped cells by field name; a field without a column is empty text.

    Each reader returns None, or empty text, for an empty cell and raises RowProblem for one that it
    cannot read.
    """

    number: int
    cells: Mapping[str, str]
    answers: Answers

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def refuse_unreadable(self) -> None:
        """Raise RowProblem for the first cell that holds no value a person meant."""
        for name, text in self.cells.items():
            if text in SPREADSHEET_ERRORS:
                raise RowProblem(f"The cell holds the spreadsheet error {text}; fix it in the file.", name)
            if text == FORMULA_WITHOUT_VALUE:
                raise RowProblem(
                    "The formula came without its value; open the file in a spreadsheet and save it.", name
                )
            if UNREADABLE in text:
                raise RowProblem("A character cannot be read; choose another encoding or fix the file.", name)

    def text(self, name: str, limit: int) -> str:
        """Return the cell on one line, of at most so many characters."""
        return _require_length(one_line(self[name]), name, limit)

    def lines(self, name: str, limit: int) -> str:
        """Return the cell's lines that hold something."""
        return _require_length("\n".join(filter(None, map(one_line, self[name].splitlines()))), name, limit)

    def email(self, name: str) -> str:
        email = self.text(name, LONGEST_EMAIL)
        try:
            if email:
                validate_email(email)
        except ValidationError:
            raise RowProblem(f"{email[:60]!r} is not an e-mail address.", name) from None
        return email

    def date(self, name: str) -> dt.date | None:
        """Return the day, read in the file's order of day and month."""
        if not self[name]:
            return None
        try:
            day = self.answers.dates.read(self[name])
        except DateError as error:
            raise RowProblem(str(error), name) from None
        if not is_within_reach(day):
            raise RowProblem(f"The year {day.year} is out of reach.", name)
        return day

    def amount(self, name: str, home: str = "") -> Amount | None:
        """Return the amount and its currency.

        The currency is the one that the cell names, else the one of the row's currency column or of the
        heading, else ``home``, else the file's own.
        """
        if not self[name]:
            return None
        reader = self.answers.amounts
        stated = self._currency_stated(name, home or reader.home)
        try:
            amount = AmountReader(reader.mark, stated or home or reader.home).read(self[name])
        except MoneyError as error:
            raise RowProblem(str(error), name) from None
        if stated and amount.currency != stated:
            raise RowProblem(
                f"The cell names {amount.currency}, its column or row {stated}; fix one of them.", name
            )
        return amount

    def _currency_stated(self, name: str, home: str) -> str:
        """Return what the row's currency column or the heading says, else ""."""
        if self["currency"]:
            try:
                return currency_named(self["currency"], home)
            except MoneyError as error:
                raise RowProblem(str(error), "currency") from None
        return self.answers.heading_currencies.get(name, "")

    def whole_number(self, name: str, lowest: int, highest: int) -> int | None:
        """Return the number; ``30 days`` is 30."""
        text = comparison_key(self[name]).removesuffix("days").strip()
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,4}", text) or not lowest <= int(text) <= highest:
            raise RowProblem(f"Give a whole number from {lowest} to {highest}.", name)
        return int(text)

    def word(self, name: str) -> str:
        """Return the words without case, signs and double blanks: ``Pro-rata`` is ``pro rata``."""
        return " ".join(re.sub(r"[^\w]+|_", " ", comparison_key(self[name])).split())

    def choice(self, name: str, words: Mapping[str, T], known: str) -> T:
        """Return what the cell's word stands for."""
        word = self.word(name)
        if word not in words:
            raise RowProblem(f"{self[name][:40]!r} is not one of: {known}.", name)
        return words[word]

    def is_yes(self, name: str, label: str) -> bool:
        text = self[name].lower()
        if text not in YES_OR_NO:
            raise RowProblem(f"{label} is yes or no.", name)
        return YES_OR_NO[text]


def _require_length(text: str, name: str, limit: int) -> str:
    if len(text) > limit:
        raise RowProblem(f"This is longer than {limit} characters.", name)
    return text
