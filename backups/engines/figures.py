"""The control figures of a database: rows of each table, exact sums of money, and a headline for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import import_string

from backups.engines.own_tables import table_names
from billtracker.core.money import MoneyField, QuantityField

# What comes and goes without being anybody's record.
LEFT_OUT = {"core_cacheentry", "shared_cache", "django_session"}
LEFT_OUT_PREFIXES = ("django_q_", "sqlite_")
FIRST_DIFFERENCES = 5


@dataclass(frozen=True, slots=True, order=True)
class MoneyColumn:
    """A column of exact amounts, and the column of the same table that holds their currency, if any."""

    table: str
    column: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What must be the same after a restore: row counts, sums in ten-thousandths, the headline."""

    rows: dict[str, int]
    money: dict[MoneyColumn, dict[str, int]]
    headline: dict = field(default_factory=dict)
    # The names of all applied migrations of that instant, by app, in order; the manifest holds them.
    migrations: dict[str, list[str]] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())

    def as_json(self) -> dict:
        """Return what the manifest holds; ``from_json`` reads it."""
        money = [
            {"table": one.table, "column": one.column, "currency": one.currency, "sums": sums}
            for one, sums in sorted(self.money.items())
        ]
        return {"rows": self.rows, "money": money, "headline": self.headline}

    @classmethod
    def from_json(cls, data: Mapping) -> "Figures":
        """Read ``as_json``; raises ValueError, KeyError or TypeError for anything else."""
        rows = {str(table): int(count) for table, count in data["rows"].items()}
        money = {
            MoneyColumn(str(one["table"]), str(one["column"]), str(one["currency"])): {
                str(currency): int(amount) for currency, amount in one["sums"].items()
            }
            for one in data["money"]
        }
        return cls(rows, money, dict(data["headline"]))


def take_figures(columns: Iterable[MoneyColumn] | None = None, *, headline: bool = True) -> Figures:
    """Count and add up the default connection's database; the caller chooses the instant.

    ``columns`` are the sums to take, those of today's models when not given; one that the database does not
    have is left out. Without ``headline`` tables of an older schema do no harm.
    """
    tables = _known_tables()
    wanted = money_columns() if columns is None else list(columns)
    rows: dict[str, int] = {}
    money: dict[MoneyColumn, dict[str, int]] = {}
    with connection.cursor() as cursor:
        for table in tables:
            there = _present(cursor, table, [one for one in wanted if one.table == table])
            rows[table], sums = count_and_add(cursor, table, there)
            money |= sums
    return Figures(rows, money, take_headline() if headline else {}, applied_migrations())


def take_headline() -> dict:
    """Return what a backup says about itself in a line, of the default connection."""
    return import_string(settings.BACKUP_HEADLINE)()


def headline_words(headline: Mapping) -> list[str]:
    """Say the headline in parts: ``total 1,204,311.50 USD``, ``last number SOA-2026-0417``."""
    totals = headline.get("totals") or headline.get("paid") or {}
    parts = [f"total {Decimal(amount):,f} {currency}" for currency, amount in sorted(totals.items())]
    number = headline.get("last_number")
    return [*parts, f"last number {number}"] if number else parts


def applied_migrations() -> dict[str, list[str]]:
    """Return the names of all applied migrations of the default connection, by app, in order."""
    names: dict[str, list[str]] = {}
    rows = MigrationRecorder.Migration.objects.order_by("app", "id").values_list("app", "name")
    for app, name in rows:
        names.setdefault(app, []).append(name)
    return names


def _known_tables() -> list[str]:
    """Return our tables that hold records, sorted; others may share the database with us."""
    there = table_names().intersection(connection.introspection.table_names())
    return sorted(table for table in there if is_record(table))


def is_record(table: str) -> bool:
    return table not in LEFT_OUT and not table.startswith(LEFT_OUT_PREFIXES)


def money_columns() -> list[MoneyColumn]:
    """Return every column of money that today's models have."""
    return [
        MoneyColumn(model._meta.db_table, str(found.column), _currency_column(model, found))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for found in model._meta.local_fields
        if isinstance(found, MoneyField) and not isinstance(found, QuantityField)
    ]


def _currency_column(model, money: MoneyField) -> str:
    """Return the column of the same table that says the currency; empty when it stands elsewhere."""
    own = {one.name: str(one.column) for one in model._meta.local_fields}
    return own.get(money.currency_field, "")


def _present(cursor, table: str, wanted: list[MoneyColumn]) -> list[MoneyColumn]:
    """Leave out columns that the table does not have; an older schema may lack some."""
    if not wanted:
        return []
    names = {one.name for one in connection.introspection.get_table_description(cursor, table)}
    return [one for one in wanted if {one.column, one.currency} - {""} <= names]


def count_and_add(cursor, table: str, columns: list[MoneyColumn]) -> tuple[int, dict]:
    """Return the number of rows and the sums of each column per currency, in as few passes as can be."""
    sums: dict[MoneyColumn, dict[str, int]] = {}
    count = 0
    # One pass for each currency column of the table, one at least, for the count.
    for by in sorted({one.currency for one in columns}) or [""]:
        added = [one for one in columns if one.currency == by]
        count = 0
        sums |= {one: {} for one in added}
        for currency, number, *amounts in _sums_by(cursor, table, by, added):
            count += number
            for one, amount in zip(added, amounts, strict=True):
                sums[one][currency] = amount
    return count, sums


def _sums_by(cursor, table: str, by: str, columns: list[MoneyColumn]):
    """Yield (currency, rows, exact sum of each column), sorted by currency."""
    name = connection.ops.quote_name
    terms = [term for one in columns for term in _exact_sum(name(one.column))]
    group = name(by) if by else "''"
    grouping = f" GROUP BY {name(by)}" if by else ""
    cursor.execute(f"SELECT {', '.join([group, 'COUNT(*)', *terms])} FROM {name(table)}{grouping}")  # noqa: S608
    for currency, count, *parts in sorted(cursor.fetchall(), key=lambda row: str(row[0] or "")):
        yield str(currency or ""), count, *_join_parts(parts)


def _exact_sum(column: str) -> list[str]:
    """Return the terms of an exact sum; SQLite's own would overflow, so it adds high and low halves."""
    if connection.vendor == "sqlite":
        return [f"COALESCE(SUM({column} >> 32), 0)", f"COALESCE(SUM({column} & 4294967295), 0)"]
    return [f"COALESCE(SUM({column}), 0)"]


def _join_parts(parts: list) -> list[int]:
    if connection.vendor == "sqlite":
        return [(high << 32) + low for high, low in zip(parts[::2], parts[1::2], strict=True)]
    return [int(part) for part in parts]


def differences(expected: Figures, found: Figures) -> list[str]:
    """Name the first differences, without amounts: an empty list means that the data are the same."""
    names = [
        *(f"rows of {table}" for table in _keys_that_differ(expected.rows, found.rows)),
        *(f"the sum of {one.table}.{one.column}" for one in _keys_that_differ(expected.money, found.money)),
    ]
    return names[:FIRST_DIFFERENCES]


def _keys_that_differ(expected: Mapping, found: Mapping) -> list:
    return sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
