"""Sums of amounts over rows, however many and however large."""

from django.db.models import Sum

BASE = 1_000_000_000


class MoneySum(Sum):
    """The exact sum of a money column; none of no rows.

    SQLite adds up in 64 bits and fails beyond them, which 9,300 of the largest amounts reach: there the
    column is added up in two parts. Postgres gives a number of any size. The result is for reading, not
    for arithmetic or a filter of the same query.
    """

    def as_sqlite(self, compiler, connection, **context):
        high = f"%(expressions)s / {BASE}"
        template = f"(SUM({high}) || ' ' || SUM(%(expressions)s - {high} * {BASE}))"
        sql, params = super().as_sql(compiler, connection, template=template, **context)
        return sql, (*params, *params, *params)

    def get_db_converters(self, connection):
        converters = super().get_db_converters(connection)
        return [_join_parts, *converters] if connection.vendor == "sqlite" else converters


def _join_parts(value, _expression, _connection):
    if value is None:
        return None
    high, low = map(int, value.split())
    return high * BASE + low
