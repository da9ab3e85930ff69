"""The retainer cycle beside raw writes of the same rows, run again, and its memory over many engagements."""

import datetime as dt
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from benchmarks.runner import Pair, undone
from billing import services
from billing.models import Client, CycleLine, CycleRun, Engagement, FeeStep, Statement, StatementLine
from billtracker.core.data.bulk_writes import insert_all, reserve_keys
from billtracker.core.models import AuditEntry
from billtracker.core.periods import Month
from tests.factories import make_client, make_office, make_office_user

START = dt.date(2025, 1, 1)
MONTH = Month(2025, 9)
# Parents first: what the run writes, the audit log and the run's lines included.
WRITTEN = (CycleRun, Statement, StatementLine, CycleLine, AuditEntry)


def make_retainers(count: int) -> None:
    """Make that many monthly retainers of one client, each with two fee steps."""
    client = make_client()
    for first in range(0, count, 1_000):
        keys = reserve_keys(Engagement, 1_000)
        numbers = range(first, first + 1_000)
        insert_all(Engagement, [engagement(*pair, client) for pair in zip(keys, numbers, strict=True)])
        steps = [step(key, amount, client) for key in keys for amount in (1_000, 1_250)]
        insert_all(FeeStep, steps)


def engagement(key: int, number: int, client: Client) -> Engagement:
    return Engagement(
        pk=key,
        client=client,
        kind="retainer",
        title=f"Bookkeeping {number}",
        starts_on=START,
        billing_day=1 + number % 31,
        created_at=timezone.now(),
    )


def step(key: int, amount: int, client: Client) -> FeeStep:
    start = START if amount == 1_000 else dt.date(2025, 7, 1)
    return FeeStep(engagement=Engagement(pk=key, client=client), starts_on=start, amount=Decimal(amount))


def stored(model) -> tuple[list[str], list[tuple]]:
    """Return the columns and rows of a table as the database gives them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table}")
        return [column[0] for column in cursor.description], cursor.fetchall()


def write_raw(table: str, columns: list[str], rows: list[tuple]) -> None:
    """Write rows by the fastest way that the engine's own driver has."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row([Jsonb(part) if isinstance(part, dict | list) else part for part in row])


def office_with(count: int):
    """Return who runs the cycle of an office with that many retainers."""
    make_office()
    make_retainers(count)
    return make_office_user("Biller")


def retainer_cycle() -> Pair:
    """The drafts of 10,000 engagements, audit and run lines included, against raw writes of the same rows."""
    actor = office_with(10_000)
    with undone():
        services.run_cycle(actor=actor, month=MONTH)
        tables = [(model._meta.db_table, *stored(model)) for model in WRITTEN]

    def floor():
        for table in tables:
            write_raw(*table)

    def own():
        if services.run_cycle(actor=actor, month=MONTH).created_count != 10_000:
            raise RuntimeError("The run did not make every draft.")

    return Pair("retainer-cycle", floor, own, rounds=5)


def retainer_cycle_again() -> Pair:
    """A second run over the same month, which makes no draft, against the first."""
    actor = office_with(10_000)

    def run():
        return services.run_cycle(actor=actor, month=MONTH)

    def again():
        if run().created_count:
            raise RuntimeError("The second run made a draft.")

    return Pair("retainer-cycle-again", run, again, rounds=3, between=run)


def retainer_cycle_memory() -> Pair:
    """The peak of memory over 100,000 engagements against that over 1,000."""
    actor = office_with(1_000)

    def run():
        services.run_cycle(actor=actor, month=MONTH)

    def add():
        make_retainers(99_000)

    return Pair("retainer-cycle-memory", run, run, between=add, unit="kB")
