"""What every report is: columns, rows that open what is behind a figure, and totals per currency."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billtracker.core.money import ZERO
from billtracker.core.periods import Month

Cell = str | int | dt.date | Decimal | None


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """What the address asks: a day or a span (both ends included), and what narrows it."""

    as_of: dt.date
    first: dt.date
    last: dt.date
    month: Month
    today: dt.date
    client: int | None = None
    currency: str = ""
    bucket: int | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a cell leads: a page by name, what it is about, and what its address asks."""

    page: str
    args: tuple = ()
    query: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether it holds numbers, or amounts that a total sums up."""

    name: str
    is_number: bool = False
    is_amount: bool = False

    @property
    def key(self) -> str:
        """What rows and the API call it: ``manual_number``."""
        return self.name.casefold().replace(" ", "_")


def text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def number(name: str) -> Column:
    return Column(name, is_number=True)


def amounts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, is_number=True, is_amount=True) for name in names)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row's cells and their links, by the columns' keys; its amounts are in the row's currency."""

    cells: Mapping[str, Cell]
    links: Mapping[str, Link] = field(default_factory=dict)
    is_gone: bool = False

    @property
    def currency(self) -> str:
        return str(self.cells["currency"])

    def values(self, columns: Iterable[Column]) -> list[Cell]:
        """Return the cells in the columns' order; one that the row lacks is empty."""
        return [self.cells.get(column.key, "") for column in columns]


@dataclass(frozen=True, slots=True)
class Table:
    """A report's answer; ``notes`` are sentences that belong above it.

    ``last_rows`` stand where sums of the columns would say nothing, or less. With ``subtotals_by``
    each value of that column has totals of its own.
    """

    columns: tuple[Column, ...]
    rows: Sequence[ReportRow]
    notes: tuple[str, ...] = ()
    last_rows: Sequence[ReportRow] | None = None
    subtotals_by: str = ""

    @property
    def totals(self) -> Sequence[ReportRow]:
        """The rows below the others: for each currency the sum of each amount."""
        if self.last_rows is not None:
            return self.last_rows
        return [*self._subtotals(), *self._totals_of(self.rows)]

    def _subtotals(self) -> Iterator[ReportRow]:
        key = self.subtotals_by
        for value in sorted({str(row.cells[key]) for row in self.rows}) if key else ():
            rows = [row for row in self.rows if row.cells[key] == value]
            yield from (ReportRow({**total.cells, key: value}) for total in self._totals_of(rows))

    def _totals_of(self, rows: Iterable[ReportRow]) -> list[ReportRow]:
        """Return a row for each currency that has amounts; currencies are never added."""
        sums: dict[str, dict[str, Decimal]] = {}
        keys = [column.key for column in self.columns if column.is_amount]
        for row in rows:
            for key in keys:
                amount = row.cells.get(key)
                if isinstance(amount, Decimal):
                    of_currency = sums.setdefault(row.currency, dict.fromkeys(keys, ZERO))
                    of_currency[key] += amount
        first = self.columns[0].key
        return [ReportRow({first: "Total", "currency": code, **sums[code]}) for code in sorted(sums)]
