"""The shapes of the office's reports in the API."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from ninja import Field, Schema

from billing.models import Statement
from billing.reports import aging, ledger
from billing.reports import retainer_cycle as coverage
from billing.reports.statements import checksum, client_name
from billing.reports.tables import Cell, Column, ReportRow
from billtracker.core.money import to_text


# --- aging -------------------------------------------------------------------------------------
class AgingSums(Schema):
    """What is owed by how late it is. ``outstanding`` is ``owed`` less ``credit``."""

    currency: str
    buckets: dict[str, str] = Field(description="current, 1-30, 31-60, 61-90, 90+ (days late).")
    owed: str
    credit: str
    outstanding: str


class AgingRowOut(AgingSums):
    client: int
    name: str


class AgingOut(Schema):
    """A row for each client and currency; the totals are of all rows, per currency."""

    as_of: dt.date
    items: list[AgingRowOut]
    count: int
    totals: list[AgingSums]


def show_sums(row: aging.AgingRow) -> dict:
    def text(amount):
        return to_text(amount, row.currency)

    return {
        "currency": row.currency,
        "buckets": {name: text(amount) for name, amount in zip(aging.BUCKETS, row.buckets, strict=True)},
        "owed": text(row.owed),
        "credit": text(row.credit),
        "outstanding": text(row.outstanding),
    }


def show_aging(row: aging.AgingRow) -> dict:
    return show_sums(row) | {"client": row.client_id, "name": row.client}


# --- ledger ------------------------------------------------------------------------------------
class MovementOut(Schema):
    """One event; above zero the client owes more. ``kind`` and ``id`` name the row behind it."""

    day: dt.date
    kind: str
    id: int
    words: str
    amount: str
    balance: str


class LedgerOut(Schema):
    """A client's movements in one currency, both days included."""

    client: int
    currency: str
    first_day: dt.date
    last_day: dt.date
    opening: str
    closing: str
    items: list[MovementOut]
    count: int


def show_entry(entry: ledger.LedgerEntry, currency: str) -> dict:
    movement = entry.movement
    return {
        "day": movement.day, "kind": movement.kind, "id": movement.pk, "words": movement.words,
        "amount": to_text(movement.amount, currency), "balance": to_text(entry.balance, currency),
    }  # fmt: skip


# --- register ----------------------------------------------------------------------------------
class NumberOut(Schema):
    """One number and what became of it."""

    number: str
    statement: int
    client: str = Field(description="As it stands on the document.")
    state: Literal["issued", "void"]
    issue_date: dt.date | None
    currency: str
    total: str
    void_date: dt.date | None
    void_reason: str
    replaced_by: str | None
    sha256: str = Field(description="Of the PDF; empty until it is made.")


class RegisterOut(Schema):
    """The numbers of a sequence in a year, in their order, and whether one is missing."""

    sequence: str
    year: int
    check: str
    is_whole: bool
    items: list[NumberOut]
    count: int


def show_number(statement: Statement) -> dict:
    names = ("number", "state", "issue_date", "currency", "void_date", "void_reason")
    replacement = getattr(statement, "replaced_by", None)
    return {name: getattr(statement, name) for name in names} | {
        "statement": statement.pk, "client": client_name(statement),
        "total": to_text(statement.total, statement.currency),
        "replaced_by": str(replacement) if replacement else None, "sha256": checksum(statement),
    }  # fmt: skip


# --- coverage ----------------------------------------------------------------------------------
class CoverageRowOut(Schema):
    """One retainer whose period begins in the month."""

    engagement: int
    client: str
    title: str
    outcome: Literal["created", "exists", "skipped", "failed"] = Field(
        description="created: not billed yet; exists: billed; skipped: with the reason."
    )
    reason: str
    statement: int | None
    currency: str
    amount: str | None
    issue_date: dt.date | None


class CoverageOut(Schema):
    """Who is billed for a month, who is not, and why."""

    month: str
    items: list[CoverageRowOut]
    count: int


def show_coverage(found: coverage.CycleOutcome) -> dict:
    names = ("client", "title", "outcome", "reason", "currency")
    planned = found.planned
    return {name: getattr(found, name) for name in names} | {
        "engagement": found.engagement_id, "statement": found.statement_id,
        "amount": to_text(planned.amount, found.currency) if planned else None,
        "issue_date": planned.issue_date if planned else None,
    }  # fmt: skip


# --- reports that are tables ---------------------------------------------------------------------
class TableOut(Schema):
    """A report's rows, each cell by its column's name; the totals are of all rows, per currency."""

    columns: list[str]
    items: list[dict[str, str | int | None]]
    count: int
    totals: list[dict[str, str | int | None]]
    notes: list[str]


def show_row(row: ReportRow, columns: Sequence[Column]) -> dict:
    """Give a row: amounts in the row's currency and days as texts, counts as numbers, nothing as null."""
    return {column.key: _show_cell(row.cells.get(column.key), row.currency) for column in columns}


def _show_cell(cell: Cell, currency: str) -> str | int | None:
    if isinstance(cell, Decimal):
        return to_text(cell, currency)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return None if cell == "" else cell
