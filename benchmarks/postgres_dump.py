"""The dump of Postgres against ``pg_dump -Fc -Z0`` alone; on SQLite there is nothing to measure."""

import atexit
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection

from backups.engines import silent
from backups.engines.postgres import Postgres
from backups.engines.postgres.client import environment, require_client
from benchmarks.runner import Pair
from billtracker.core.data.databases import standing_in
from tests.factories import make_household

NAME = "benchmark_postgres_dump"
PAYMENTS = """
    INSERT INTO bills_payment (household_id, amount, currency, paid_on, method, note, source, recorded_at)
    SELECT %s, 100 * n, 'USD', date '2026-01-01' + n %% 300, 'Card ' || n, repeat(md5(n::text), 4), 'manual',
        now() FROM generate_series(1, 900000) AS n
"""


def postgres_dump() -> list[Pair]:
    """Our dump of some 200 MB with figures, sync and the read-back, against the program's bare run."""
    if connection.vendor != "postgresql":
        return []
    database, folder = made_database(), Path(tempfile.mkdtemp(prefix="billtracker-benchmark-"))
    atexit.register(shutil.rmtree, folder)
    with standing_in(database):
        parameters = connection.get_connection_params()
        program = require_client().folder / "pg_dump"
    bare, ours = folder / "bare.dump", folder / "ours.dump"

    def floor() -> None:
        command = [program, "-Fc", "-Z0", f"--file={bare}"]
        subprocess.run(command, check=True, env=environment(parameters))

    def own() -> None:
        with standing_in(database):
            Postgres().dump(ours, silent)

    return [Pair("postgres-dump", floor, own, rounds=5)]


def made_database() -> dict:
    """Make a filled database of its own: what is measured must be committed, and no transaction around it."""
    connection.ensure_connection()
    live = connection.settings_dict
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    server = psycopg.connect(**parameters, autocommit=True)
    server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    atexit.register(lambda: server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
    database = {**live, "NAME": NAME}
    with standing_in(database):
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute(PAYMENTS, [make_household().pk])
            cursor.execute("VACUUM ANALYZE")
    return database
