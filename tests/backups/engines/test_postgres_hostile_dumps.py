"""Dumps of strangers: refused, or brought back without anything of theirs having run."""

import subprocess

import psycopg
import pytest
from django.db import connection

from backups.engines.postgres import Postgres
from backups.engines.postgres.client import installed_client
from bills.models import Bill
from billtracker.core.exceptions import DomainError
from tests.backups.postgres_dumps import schema
from tests.factories import make_bill, make_household
from tests.servers import postgres_database

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.django_db(transaction=True)]
EVIL = """
    CREATE FUNCTION billing_evil() RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN PERFORM set_config('evil.was_here', 'yes', false); RETURN 1; END $$;
"""


def dump_of(migrated, path, sql: str) -> None:
    """Write a dump of an untouched database in which somebody ran that SQL."""
    with postgres_database(migrated) as (_, url):
        with psycopg.connect(url, autocommit=True) as stranger:
            stranger.execute(sql)
        subprocess.run(
            [installed_client().folder / "pg_dump", "-Fc", "-Z0", "-d", url, "-f", path], check=True
        )


def evil_was_here() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('evil.was_here', true)")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE stranger (id int)",
        "CREATE VIEW bills_view AS SELECT 1",
        "CREATE FUNCTION evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA other; CREATE TABLE other.bills_bill (id int)",
        "CREATE TYPE strange AS ENUM ('a')",
        EVIL + "ALTER TABLE bills_bill ADD CHECK (billing_evil() = 1)",
        EVIL + "ALTER TABLE bills_bill ALTER COLUMN notes SET DEFAULT billing_evil()::text",
        EVIL + "CREATE RULE evil AS ON INSERT TO bills_bill DO ALSO SELECT billing_evil()",
        "ALTER TABLE bills_bill ALTER COLUMN notes SET DEFAULT pg_read_file('/etc/hostname')",
        "ALTER TABLE bills_bill ENABLE ROW LEVEL SECURITY",
        "SELECT lo_create(0)",
        "DROP TABLE accounts_user CASCADE",
    ],
)
def test_what_is_not_ours_is_refused_before_anything_runs(tmp_path, migrated, sql):
    path, before = tmp_path / "x.dump", schema()
    make_bill(make_household(), name="Rent")
    dump_of(migrated, path, sql)
    for attempt in (
        lambda: Postgres().examine(path),
        lambda: Postgres().scratch(path).__enter__(),
        lambda: Postgres().replace_live(path, lambda: None),
    ):
        with pytest.raises(DomainError, match="BillTracker"):
            attempt()
    assert (schema(), Bill.objects.get().name, evil_was_here()) == (before, "Rent", None)


def test_functions_and_triggers_of_a_dump_are_never_made(tmp_path, migrated):
    path, before = tmp_path / "x.dump", schema()
    evil = EVIL.replace("RETURNS integer", "RETURNS trigger").replace("RETURN 1", "RETURN NEW")
    trigger = "CREATE TRIGGER evil BEFORE INSERT ON bills_bill FOR EACH ROW EXECUTE FUNCTION billing_evil();"
    dump_of(migrated, path, f"{evil}{trigger} DROP TRIGGER audit_no_update ON core_auditentry")
    Postgres().examine(path)
    Postgres().replace_live(path, lambda: make_bill(make_household()))
    assert evil_was_here() is None
    assert schema() == before


def test_sql_in_the_place_of_a_tables_definition_is_not_run(tmp_path, migrated):
    path = tmp_path / "x.dump"
    dump_of(migrated, path, "SELECT 1")
    content = path.read_bytes()
    begin = content.index(b"CREATE TABLE public.core_setting (")
    end = content.index(b");\n", begin) + 2
    evil = b"COPY public.core_setting (value) FROM PROGRAM 'echo 1';"
    assert len(evil) <= end - begin
    path.write_bytes(content[:begin] + evil.ljust(end - begin) + content[end:])
    with pytest.raises(DomainError, match="COPY public"):
        Postgres().examine(path)
    with pytest.raises(DomainError, match="COPY public"):
        Postgres().replace_live(path, lambda: None)


def test_a_plain_pg_dump_with_owners_and_grants_is_taken(tmp_path, migrated):
    path, before = tmp_path / "x.dump", schema()
    dump_of(migrated, path, "GRANT SELECT ON bills_bill TO PUBLIC; COMMENT ON TABLE bills_bill IS 'x'")
    Postgres().examine(path)
    Postgres().replace_live(path, lambda: None)
    assert schema() == before


def test_two_statements_in_one_are_refused_by_the_server_too():
    from backups.engines.postgres.loading import run
    from backups.engines.postgres.script import SqlStatement

    connection.ensure_connection()
    with pytest.raises(psycopg.errors.SyntaxError):
        run(SqlStatement("SELECT 1; SELECT 2"))
