"""Forms for files that come in: the file itself, and what its columns mean."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.core.exceptions import DomainError
from billtracker.core.imports import columns, reading
from billtracker.core.imports.dates import ORDERS
from billtracker.core.imports.encodings import ENCODINGS
from billtracker.core.imports.handlers import Field, RowHandler
from billtracker.core.imports.limits import MAX_BYTES, MAX_ROWS
from billtracker.core.imports.reading import Sheet
from billtracker.core.web.forms import RefusableForm

NOT_THERE = ("", _("not in the file"))
EXAMPLES = 2


class UploadForm(RefusableForm, forms.Form):
    """A file, checked for its size before anything reads it."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or XLSX, up to %(size)d MB and %(rows)s rows.")
        % {"size": MAX_BYTES // 1024 // 1024, "rows": f"{MAX_ROWS:,}"},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            reading.check_size(file.size)
        except DomainError as error:
            raise forms.ValidationError(error.sentence) from None
        return file


class ColumnsForm(RefusableForm, forms.Form):
    """Which row holds the headings, which column holds what, how amounts and dates are written."""

    def __init__(self, data=None, *, handler: RowHandler, scope: str, sheet: Sheet, answers: dict):
        # Named unlike the field for the choice of a sheet, which a template would find it in place of.
        self.handler, self.scope, self.table = handler, scope, sheet
        super().__init__(data, initial=_initial_of(answers))
        self.fields["headings"] = forms.TypedChoiceField(
            label=_("Headings"), coerce=int, choices=_headings_choices(sheet)
        )
        self.add_ways_to_read()
        self.headings = self.current_headings(answers)
        for field in handler.fields:
            self.fields[_column_name(field)] = self.column_field(field)
        for question, default in handler.questions(scope):
            month = forms.TextInput(attrs={"type": "month", "placeholder": "2026-01"})
            self.fields[f"option_{question.name}"] = forms.CharField(
                label=question.label,
                help_text=question.help_text,
                initial=default,
                max_length=40,
                widget=month if question.holds == "month" else forms.TextInput,
            )
        self.add_marks()

    def add_ways_to_read(self) -> None:
        """Ask for encoding and sheet where the file has several."""
        if self.table.encoding:
            self.fields["encoding"] = forms.ChoiceField(
                label=_("Encoding"),
                choices=ENCODINGS.items(),
                initial=self.table.encoding,
                help_text=_("A guess. Choose another one if the samples look wrong."),
            )
        if len(self.table.sheets) > 1:
            names = [(name, name) for name in self.table.sheets]
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=names, initial=self.table.sheet
            )

    def reading_asked(self) -> dict[str, str] | None:
        """Return the encoding and the sheet that were chosen, or None when the file was read that way."""
        asked = {name: self[name].value() if name in self.fields else "" for name in ("encoding", "sheet")}
        known = {"encoding": ENCODINGS, "sheet": self.table.sheets}
        is_other = any(
            value in known[name] and value != getattr(self.table, name) for name, value in asked.items()
        )
        return asked if self.is_bound and is_other else None

    def sheet_notices(self) -> tuple[str, ...]:
        """Return what a person should know of the file before they go on."""
        return self.table.notices

    def unused_columns(self) -> list[str]:
        """Return the names of the columns that stand for nothing so far."""
        return columns.unused_columns(self.table, self.headings, self.current_columns())

    def column_field(self, field: Field) -> forms.TypedChoiceField:
        choices = [NOT_THERE, *_column_choices(self.table, self.headings)]
        return forms.TypedChoiceField(
            label=field.label,
            choices=choices,
            coerce=int,
            empty_value=None,
            required=field.is_required and not field.instead,
            error_messages={"required": _("Say which column holds this.")},
        )

    def current_headings(self, answers: dict) -> int:
        """Return the row of headings chosen in the form, else the one found in the file."""
        try:
            chosen = int(self.data.get("headings", ""))
        except ValueError:
            return answers["headings"]
        return chosen if -1 <= chosen < len(self.table.lines) else answers["headings"]

    def add_marks(self) -> None:
        """Ask for decimal mark and date order; what the file says beyond doubt is filled in."""
        chosen = self.current_columns()
        self.guesses = columns.guess_marks(self.table, self.headings, chosen, self.handler.fields)
        for name, label, choices in (
            ("decimal_mark", _("Decimal mark"), columns.MARKS),
            ("date_order", _("Order of dates"), ORDERS),
        ):
            guess = self.guesses[name]
            first = [] if guess.is_sure else [("", _("choose: the file can be read in two ways"))]
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[*first, *choices.items()],
                required=False,
                initial=guess.answer if guess.is_sure else "",
            )

    def current_columns(self) -> dict[str, int]:
        """Return {field: column} as far as the form's values make sense."""
        found = {}
        for field in self.handler.fields:
            value = self[_column_name(field)].value()
            if str(value or 0).isdigit() and value not in (None, "") and int(value) < self.table.width:
                found[field.name] = int(value)
        return found

    def samples(self) -> dict:
        """Return parsed samples with the marks chosen so far."""
        chosen = self.current_columns()
        home = self.handler.currency(self.scope)
        stored: dict[str, Any] = {
            "columns": {},
            "options": {},
            "heading_currencies": columns.heading_currencies(
                self.table, self.headings, chosen, self.handler.fields, home
            ),
            **{name: self[name].value() or self.guesses[name].answer for name in self.guesses},
        }
        answers = columns.answers_of(stored, home)
        return columns.samples(self.table, self.headings, chosen, self.handler, answers)

    def column_fields(self):
        return [self[_column_name(field)] for field in self.handler.fields]

    def option_fields(self):
        return [self[name] for name in self.fields if name.startswith("option_")]

    def as_stored(self) -> dict:
        """Return the answers in the form a preview keeps; DomainError when they do not fit the file."""
        data = self.cleaned_data
        chosen = {field.name: data[_column_name(field)] for field in self.handler.fields}
        return columns.as_stored(
            self.handler,
            self.scope,
            self.table,
            headings=data["headings"],
            columns={name: column for name, column in chosen.items() if column is not None},
            decimal_mark=data["decimal_mark"],
            date_order=data["date_order"],
            options={name.removeprefix("option_"): data[name] for name in data if name.startswith("option_")},
        )

    def add_refusal(self, error: DomainError, field: str | None = None) -> None:
        """Show the sentence at the column or question that it names, which has a prefix here."""
        places = (error.field, f"column_{error.field}", f"option_{error.field}")
        self.add_error(next((place for place in places if place in self.fields), field), error.sentence)


def _column_name(field: Field) -> str:
    return f"column_{field.name}"


def _initial_of(answers: dict) -> dict:
    """Return the form's first values from what a preview keeps."""
    marks = {name: answers[name] for name in ("decimal_mark", "date_order") if name in answers}
    return {
        "headings": answers["headings"],
        **{f"column_{name}": column for name, column in answers["columns"].items()},
        **{f"option_{name}": value for name, value in answers.get("options", {}).items()},
        **marks,
    }


def _headings_choices(sheet: Sheet) -> list[tuple[int, str]]:
    rows = sheet.lines[: columns.SEARCHED_FOR_HEADINGS]
    text = _("row %(number)d: %(cells)s")
    named = [
        (index, text % {"number": line.number, "cells": _shorten(", ".join(line.cells))})
        for index, line in enumerate(rows)
    ]
    return [(-1, str(_("the file has no headings"))), *named]


def _column_choices(sheet: Sheet, headings: int) -> list[tuple[int, str]]:
    """Return each column with its heading and its first filled cells."""
    heads = sheet.lines[headings].cells if headings >= 0 else ()
    lines = columns.data_lines(sheet, headings)[:50]
    choices = []
    for index in range(sheet.width):
        filled = [line.cells[index] for line in lines if index < len(line.cells) and line.cells[index]]
        head = heads[index] if index < len(heads) and heads[index] else _("column %d") % (index + 1)
        examples = f" ({', '.join(filled[:EXAMPLES])})" if filled else ""
        choices.append((index, _shorten(f"{head}{examples}")))
    return choices


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
