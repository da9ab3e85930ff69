"""What the columns of a file mean: headings found, fields guessed, samples shown before anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from billtracker.core.exceptions import DomainError
from billtracker.core.imports.amounts import (
    AmountReader,
    Guess,
    bare_number,
    currency_in_heading,
    guess_mark,
    is_doubtful,
    own_mark,
)
from billtracker.core.imports.dates import ORDERS, DateError, DateReader, guess_order
from billtracker.core.imports.handlers import Field, RowHandler
from billtracker.core.imports.reading import Line, Sheet
from billtracker.core.imports.rows import Answers, RowCells
from billtracker.core.money import MoneyError, to_display
from billtracker.core.text import comparison_key, one_line

SEARCHED_FOR_HEADINGS = 10
SAMPLES = 3
MARKS = {".": "point (1,234.56)", ",": "comma (1.234,56)"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One cell as it stands, and how it is read."""

    text: str
    meaning: str


def _words(heading: str) -> str:
    """Return a heading without case, underscores and punctuation."""
    return " ".join("".join(c if c.isalnum() else " " for c in comparison_key(heading)).split())


def _matches(line: Line, fields: Sequence[Field]) -> int:
    """Count the fields that a row of headings would name."""
    return len(guess_columns(line.cells, fields))


def find_headings(sheet: Sheet, fields: Sequence[Field]) -> int:
    """Return the index of the row of headings among the first rows, or -1 when there is none."""
    candidates = range(min(SEARCHED_FOR_HEADINGS, len(sheet.lines)))
    best = max(candidates, key=lambda index: _matches(sheet.lines[index], fields), default=-1)
    return best if best >= 0 and _matches(sheet.lines[best], fields) else -1


def guess_columns(headings: Sequence[str], fields: Sequence[Field]) -> dict[str, int]:
    """Return {field: column}: headings known word for word first, then those that contain one."""
    named = [_words(heading) for heading in headings]
    found: dict[str, int] = {}
    for fits in (lambda known, name: known == name, lambda known, name: f" {known} " in f" {name} "):
        for field in fields:
            for known in (_words(field.label), *field.headings):
                column = next(
                    (i for i, n in enumerate(named) if n and i not in found.values() and fits(known, n)), None
                )
                if field.name not in found and column is not None:
                    found[field.name] = column
    return found


def data_lines(sheet: Sheet, headings: int) -> list[Line]:
    """Return the rows below the headings (all rows for -1)."""
    return sheet.lines[headings + 1 :]


def _cells_of(lines: Sequence[Line], columns: Mapping[str, int], fields: Sequence[Field], holds: str):
    """Return the filled cells of every mapped column that holds amounts, or dates."""
    wanted = [columns[field.name] for field in fields if field.holds == holds and field.name in columns]
    return [line.cells[i] for i in wanted for line in lines if i < len(line.cells) and line.cells[i]]


def guess_marks(
    sheet: Sheet, headings: int, columns: Mapping[str, int], fields: Sequence[Field]
) -> dict[str, Guess]:
    """Return what the columns say about ``decimal_mark`` and ``date_order``."""
    lines = data_lines(sheet, headings)
    return {
        "decimal_mark": guess_mark(_cells_of(lines, columns, fields, "amount")),
        "date_order": guess_order(_cells_of(lines, columns, fields, "date")),
    }


def samples(
    sheet: Sheet, headings: int, columns: Mapping[str, int], handler: RowHandler, answers: Answers
) -> dict[str, list[Sample]]:
    """Return three parsed samples of the amounts and of the dates, the telling ones first."""
    lines = data_lines(sheet, headings)
    amounts = _cells_of(lines, columns, handler.fields, "amount")
    currency = next(iter(answers.heading_currencies.values()), answers.amounts.home)
    reader = AmountReader(answers.amounts.mark, currency)
    dates = _cells_of(lines, columns, handler.fields, "date")
    return {
        "amount": [Sample(t, _amount_meaning(t, reader)) for t in _telling(amounts)],
        "date": [Sample(t, _date_meaning(t, answers.dates)) for t in _telling(dates)],
        "text": [Sample(text, "") for text in _beyond_ascii(sheet)],
    }


def _beyond_ascii(sheet: Sheet) -> list[str]:
    """Return three different cells by which a person sees whether the encoding is right."""
    cells = (cell for line in sheet.lines for cell in line.cells if not cell.isascii())
    return list(islice(dict.fromkeys(islice(cells, 1_000)), SAMPLES))


def unused_columns(sheet: Sheet, headings: int, columns: Mapping[str, int]) -> list[str]:
    """Return the names of the columns that hold something and stand for nothing."""
    heads = sheet.lines[headings].cells if headings >= 0 else ()
    filled = {i for line in data_lines(sheet, headings) for i, cell in enumerate(line.cells) if cell}
    return [
        one_line(heads[index]) if index < len(heads) and heads[index] else f"column {index + 1}"
        for index in sorted(filled - set(columns.values()))
    ]


def heading_currencies(
    sheet: Sheet, headings: int, columns: Mapping[str, int], fields: Sequence[Field], home: str
) -> dict[str, str]:
    """Return {field: currency} of the columns of amounts whose heading names one."""
    heads = sheet.lines[headings].cells if headings >= 0 else ()
    amounts = [field.name for field in fields if field.holds == "amount"]
    named = {
        name: currency_in_heading(heads[columns[name]], home)
        for name in amounts
        if columns.get(name, len(heads)) < len(heads)
    }
    return {name: code for name, code in named.items() if code}


def _telling(cells: Sequence[str]) -> list[str]:
    """Return up to three different cells: doubtful ones first, then one of each decimal mark."""
    different = list(dict.fromkeys(cells))
    first_of_mark = {own_mark(bare_number(text)): text for text in reversed(different)}
    firsts = [text for mark, text in first_of_mark.items() if mark]
    doubtful = [text for text in different if is_doubtful(text)]
    return list(dict.fromkeys([*doubtful[:SAMPLES], *firsts, *different]))[:SAMPLES]


def _amount_meaning(text: str, reader: AmountReader) -> str:
    try:
        amount = reader.read(text)
    except MoneyError as error:
        return str(error)
    return f"{to_display(amount.value, amount.currency, symbol=False)} {amount.currency}"


def _date_meaning(text: str, reader: DateReader) -> str:
    try:
        day = reader.read(text)
    except DateError as error:
        return str(error)
    return f"{day.day} {day:%B %Y}"


def as_stored(
    handler: RowHandler,
    scope: str,
    sheet: Sheet,
    *,
    headings: int,
    columns: Mapping[str, int],
    decimal_mark: str,
    date_order: str,
    options: Mapping[str, str],
) -> dict:
    """Return the answers as a preview keeps them; DomainError when they do not fit the file.

    A decimal mark or date order left open is taken from the file, and refused where that is not sure.
    """
    _check_columns(handler, sheet, headings, columns)
    guesses = guess_marks(sheet, headings, columns, handler.fields)
    return {
        "headings": headings,
        "columns": dict(columns),
        "decimal_mark": _settle_answer(guesses["decimal_mark"], decimal_mark, MARKS, "decimal_mark"),
        "date_order": _settle_answer(guesses["date_order"], date_order, ORDERS, "date_order"),
        "options": handler.clean_options(scope, options),
        "heading_currencies": heading_currencies(
            sheet, headings, columns, handler.fields, handler.currency(scope)
        ),
        "unused": unused_columns(sheet, headings, columns),
    }


def _settle_answer(guess: Guess, answer: str, choices: Mapping[str, str], field: str) -> str:
    """Return the person's answer, else the file's own; DomainError when only a person can say."""
    if answer and answer not in choices:
        raise DomainError(f"Choose one of: {', '.join(choices.values())}.", field=field)
    if not answer and not guess.is_sure:
        asked = "the decimal mark" if field == "decimal_mark" else "whether the day or the month comes first"
        raise DomainError(f"The file can be read in two ways: say {asked}.", field=field, code="ambiguous")
    return answer or guess.answer


def _check_columns(handler: RowHandler, sheet: Sheet, headings: int, columns: Mapping[str, int]) -> None:
    """Refuse a mapping with an unknown field, a missing one, or one column used twice."""
    known = {field.name: field for field in handler.fields}
    if not -1 <= headings < len(sheet.lines):
        raise DomainError("There is no such row of headings.", field="headings")
    if headings + 1 >= len(sheet.lines):
        raise DomainError("There are no rows below the headings.", field="headings")
    for name, column in columns.items():
        if name not in known or not 0 <= column < sheet.width:
            raise DomainError("There is no such column.", field=name if name in known else None)
        if list(columns.values()).count(column) > 1:
            raise DomainError("This column stands for two things; choose it once.", field=name)
    for field in handler.fields:
        if field.is_required and not {field.name, *field.instead} & set(columns):
            raise DomainError(f"Say which column holds “{field.label}”.", field=field.name)


def answers_of(stored: Mapping, home: str) -> Answers:
    """Return the kept answers in the form handlers read."""
    return Answers(
        columns=stored["columns"],
        amounts=AmountReader(stored["decimal_mark"], home),
        dates=DateReader(stored["date_order"]),
        options=stored["options"],
        heading_currencies=stored.get("heading_currencies", {}),
    )


def mapped_rows(sheet: Sheet, stored: Mapping, answers: Answers) -> list[RowCells]:
    """Return the rows below the headings as {field: cell}."""
    columns = answers.columns.items()
    return [
        RowCells(
            line.number, {name: line.cells[i] if i < len(line.cells) else "" for name, i in columns}, answers
        )
        for line in data_lines(sheet, stored["headings"])
    ]
