"""What every report is: columns, rows that open what is behind a figure, and totals per currency."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billtracker.core.money import ZERO
from billtracker.core.periods import Month

Cell = str | int | dt.date | Decimal | None


@dataclass(frozen=True, slots=True)
class Question:
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
    """A column's name, and whether it holds amounts or other numbers (``is_number``)."""

    name: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells; an amount among them is in the row's currency. ``links`` goes by the cell's place."""

    cells: tuple[Cell, ...]
    currency: str = ""
    links: Mapping[int, Link] = field(default_factory=dict)
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A report's answer; ``notes`` are sentences that belong above it."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    totals: Sequence[Row] = ()
    notes: tuple[str, ...] = ()


def columns(*names: str) -> tuple[Column, ...]:
    """Return columns of these names; one that ends in ``#`` holds amounts or numbers."""
    return tuple(Column(name.removesuffix("#"), name.endswith("#")) for name in names)


def totals_of(rows: Iterable[Row], width: int, places: Sequence[int], currency_at: int) -> list[Row]:
    """Return a row for each currency with the sums of these places; currencies are never added."""
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        found = sums.setdefault(row.currency, [ZERO] * len(places))
        for at, place in enumerate(places):
            amount = row.cells[place]
            found[at] += amount if isinstance(amount, Decimal) else ZERO
    totals = []
    for currency in sorted(sums):
        cells: list[Cell] = [""] * width
        cells[0], cells[currency_at] = "Total", currency
        for place, amount in zip(places, sums[currency], strict=True):
            cells[place] = amount
        totals.append(Row(tuple(cells), currency))
    return totals
