"""Rows on their way from one database to another: read as their fields mean them, checked, written, digested.

A value travels as what both engines mean by it (a date, exact bytes, an instant in UTC), never as one of
them happens to store it. What Postgres would refuse and SQLite never checked is named by its row.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

from billtracker.core.exceptions import DomainError

CHUNK = 2_000
# An even number of backslashes before it are backslashes of the text itself.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
NOTHING_MOVED = "Nothing was moved."
TEXT = ("CharField", "TextField", "FilePathField", "SlugField", "FileField")
# What a value of such a field must be, once it is read.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(TEXT, (str,)),
    "BooleanField": (bool,),
    "DateTimeField": (dt.datetime,),
    "DateField": (dt.date,),
    "TimeField": (dt.time,),
    "DecimalField": (Decimal,),
    "FloatField": (float, int),
    "BinaryField": (bytes,),
    "JSONField": (str,),
}


class Misfit(Exception):
    """A value that cannot be moved as it is; its row is named by whoever knows it."""


@dataclass(frozen=True, slots=True)
class TransferColumn:
    """One column, and the field that says what its values mean; of a foreign key the one it points to."""

    name: str
    field: models.Field

    @classmethod
    def of(cls, field: models.Field) -> "TransferColumn":
        name = str(field.column)
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        return cls(name, field)

    @property
    def kind(self) -> str:
        return self.field.get_internal_type()

    def meanings(self, values: Sequence, source: BaseDatabaseWrapper) -> list:
        """Return the stored values as what they mean. Raises Misfit for one that means nothing."""
        found = list(values)
        column = Col("", self.field, self.field)
        for convert in source.ops.get_db_converters(column):
            try:
                found = [None if value is None else convert(value, column, source) for value in found]
            except (ValueError, TypeError, ArithmeticError):
                raise Misfit(f"no {self.field.description}".lower()) from None
        found = [bytes(value) if isinstance(value, memoryview | bytearray) else value for value in found]
        # A text that is no date is read as none at all.
        if any(value is None and stored is not None for value, stored in zip(found, values, strict=True)):
            raise Misfit("not what the field holds")
        self.require_fit(found)
        return found

    def require_fit(self, values: list) -> None:
        """Raise Misfit for a value that Postgres would refuse or change."""
        wanted = KINDS.get(self.kind, (int,) if self.is_whole_number else ())
        there = [value for value in values if value is not None]
        if wanted and not set(map(type, there)) <= set(wanted):
            raise Misfit("a value of another kind than the field's")
        if self.kind in TEXT:
            self.require_text(there)
        elif self.kind == "JSONField":
            for value in there:
                _meaning_of_json(value)
        elif self.is_whole_number and there:
            self.require_range(there)

    @property
    def is_whole_number(self) -> bool:
        return self.kind.endswith(("IntegerField", "AutoField"))

    def require_text(self, values: list[str]) -> None:
        if any("\0" in value for value in values):
            raise Misfit("a NUL character in it")
        limit = self.field.max_length
        if limit and values and max(map(len, values)) > limit:
            raise Misfit(f"longer than {limit} characters")

    def require_range(self, values: list[int]) -> None:
        bits = 15 if "Small" in self.kind else 63 if "Big" in self.kind else 31
        if max(values) >= 1 << bits or min(values) < -(1 << bits):
            raise Misfit("a number too large for the field")

    def adapt(self, values: Sequence, target: BaseDatabaseWrapper) -> Sequence:
        """Return the values as the target's driver takes them."""
        adapt = self.adapter(target)
        return [None if value is None else adapt(value) for value in values] if adapt else values

    def adapter(self, target: BaseDatabaseWrapper) -> Callable[[Any], Any] | None:
        ops, field = target.ops, self.field
        if isinstance(field, models.DecimalField):
            places = field.max_digits, field.decimal_places
            return lambda value: ops.adapt_decimalfield_value(value, *places)
        return {
            "DateTimeField": ops.adapt_datetimefield_value,
            "DateField": ops.adapt_datefield_value,
            "TimeField": ops.adapt_timefield_value,
        }.get(self.kind)

    def comparable(self, values: Sequence) -> Sequence:
        """Return the values in the one form in which equal ones look equal."""
        form = COMPARABLE.get(self.kind)
        return [None if value is None else form(value) for value in values] if form else values


def _meaning_of_json(text: str) -> str:
    """Return the JSON in the one form that both engines keep. Raises Misfit for what Postgres refuses."""
    try:
        value = json.loads(text, parse_float=number, parse_constant=_refuse_constant)
        form = json.dumps(value, sort_keys=True, ensure_ascii=False)
        form.encode()
    except (ValueError, RecursionError):
        raise Misfit("no JSON as the standard has it") from None
    if NUL.search(form):
        raise Misfit("a NUL character in its JSON")
    return form


def number(text: str) -> int | float:
    """Read a JSON number; Postgres keeps 1e2 as 100."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _refuse_constant(text: str):
    raise ValueError(text)


COMPARABLE: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": lambda value: value.astimezone(dt.UTC).isoformat(),
    "DateField": lambda value: value.isoformat(),
    "DecimalField": lambda value: format(value.normalize(), "f"),
    "FloatField": float,
    "JSONField": _meaning_of_json,
}


# --- tables ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TransferTable:
    """A model's table and its columns, the primary key's name first of all."""

    model: type[models.Model]
    columns: tuple[TransferColumn, ...]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> TransferColumn:
        return TransferColumn.of(self.model._meta.pk)


def tables() -> list[TransferTable]:
    """Return the table of every model, those between many-to-many sides too."""
    found = {
        model._meta.db_table: TransferTable(
            model, tuple(map(TransferColumn.of, model._meta.local_concrete_fields))
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[name] for name in sorted(found)]


def read(table: TransferTable, source: BaseDatabaseWrapper) -> Iterator[list[tuple]]:
    """Yield all rows by primary key in chunks, as what they mean. Raises DomainError that names a row."""
    quote = source.ops.quote_name
    # Python's driver reads what SQLite calls a date or a bool in its own way, and 7 or "soon" without a word;
    # behind a sign it is told no type and gives what is stored.
    sign = "+" if source.vendor == "sqlite" else ""
    names = ", ".join(f"{sign}{quote(column.name)}" for column in table.columns)
    # Byte by byte, as SQLite does: languages would order texts in other ways.
    bytewise = ' COLLATE "C"' if source.vendor == "postgresql" and table.key.kind in TEXT else ""
    statement = f"SELECT {names} FROM {quote(table.name)} ORDER BY {quote(table.key.name)}{bytewise}"  # noqa: S608
    with source.chunked_cursor() as cursor:
        cursor.execute(statement)
        while stored := cursor.fetchmany(CHUNK):
            yield _meanings(table, stored, source)


def _meanings(table: TransferTable, stored: list[tuple], source: BaseDatabaseWrapper) -> list[tuple]:
    parts = []
    for column, values in zip(table.columns, zip(*stored, strict=True), strict=True):
        try:
            parts.append(column.meanings(values, source))
        except Misfit:
            raise _first_misfit(table, column, stored, values, source) from None
    return list(zip(*parts, strict=True))


def _first_misfit(table: TransferTable, column: TransferColumn, stored, values, source) -> DomainError:
    """Find the row that cannot be moved, and name it."""
    for row, value in zip(stored, values, strict=True):
        try:
            column.meanings([value], source)
        except Misfit as misfit:
            return row_error(table, row, column.name, str(misfit))
    return DomainError(f"{table.name}, column {column.name} cannot be read. {NOTHING_MOVED}")


def row_error(table: TransferTable, row: tuple, column: str, reason: str) -> DomainError:
    """Return the error for one row, by its primary key and without its content."""
    place = [one.name for one in table.columns].index(table.key.name)
    where = f", column {column}" if column else ""
    return DomainError(
        f"{table.name}, row {row[place]}{where}: {reason}. {NOTHING_MOVED} Mend that row and start again.",
        code="misfit",
    )


class Digest:
    """What all rows of a table come to, in order; the same on both engines when every row is equal."""

    def __init__(self, table: TransferTable):
        self.table = table
        self.hash = hashlib.sha256()
        self.count = 0

    def add(self, rows: list[tuple]) -> None:
        pairs = zip(self.table.columns, zip(*rows, strict=True), strict=True)
        forms = [column.comparable(values) for column, values in pairs]
        lines = map(repr, zip(*forms, strict=True))
        self.hash.update("\n".join([*lines, ""]).encode("utf-8", "surrogatepass"))
        self.count += len(rows)

    def value(self) -> tuple[int, str]:
        return self.count, self.hash.hexdigest()


def digest_of(table: TransferTable, source: BaseDatabaseWrapper) -> tuple[int, str]:
    """Return how many rows the table has and the digest of all of them."""
    digest = Digest(table)
    for rows in read(table, source):
        digest.add(rows)
    return digest.value()
