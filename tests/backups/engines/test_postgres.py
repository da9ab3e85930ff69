"""Postgres: a dump is one instant, a restore is one transaction, and others wait meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from backups.archive.compatibility import migrate_up
from backups.engines import silent
from backups.engines.figures import differences, take_figures
from backups.engines.postgres import Postgres, loading
from backups.engines.postgres.client import client_in, environment, installed_client
from bills.models import Bill, Category
from billtracker.core.exceptions import DomainError
from tests.backups.postgres_dumps import replaced_program, schema
from tests.factories import make_bill, make_household
from tests.servers import migrate, postgres_database, processes, serving, wait_until

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.django_db(transaction=True)]
RENT = "Rent\tand \\ “more”\nlines \\."


@pytest.fixture
def household():
    return make_household()


@pytest.fixture
def dump(tmp_path, household):
    """A dump of a database with one bill, Rent."""
    make_bill(household, name=RENT, expected_amount=Decimal("1850.10"))
    path = tmp_path / "database.dump"
    Postgres().dump(path, silent)
    return path


def names() -> list[str]:
    return sorted(Bill.objects.values_list("name", flat=True))


# --- there and back ----------------------------------------------------------------------------
def test_a_dump_is_for_its_owner_alone_and_says_how_far_it_is(tmp_path, household):
    steps = []
    path = tmp_path / "database.dump"
    figures = Postgres().dump(path, lambda sentence, share=None: steps.append(sentence))
    assert path.stat().st_mode & 0o777 == 0o600
    assert figures.rows["accounts_household"] == 1
    assert steps[-1] == "Checking the copy"
    Postgres().examine(path)


def test_a_scratch_database_holds_what_the_figures_say_and_is_gone_afterwards(dump, household):
    figures, before = take_figures(), databases()
    make_bill(household, name="Later")
    with Postgres().scratch(dump):
        assert differences(figures, take_figures()) == []
        assert names() == [RENT]
        Bill.objects.update(name="Elsewhere")
    assert names() == ["Later", RENT]
    assert databases() == before


def test_replacing_brings_rows_schema_counters_and_rules_back(dump, household):
    before, figures = schema(), take_figures()
    make_bill(household, name="Later")
    Postgres().replace_live(dump, lambda: None)
    assert names() == [RENT]
    assert schema() == before
    assert differences(figures, take_figures()) == []
    kept = Bill.objects.get()
    assert make_bill(kept.household, name="Next").pk == kept.pk + 1


def test_finish_works_on_the_new_data_before_anybody_sees_them(dump, household):
    make_bill(household, name="Later")
    seen = []

    def finish():
        seen.append(names())
        Category.objects.create(household=household, name="Made at the end")

    Postgres().replace_live(dump, finish)
    assert seen == [[RENT]]
    assert Category.objects.get().name == "Made at the end"


def test_a_dump_of_an_older_version_is_brought_up_before_it_is_live(tmp_path, household):
    before = schema()
    with postgres_database() as (_, url):
        older = next(serving(tmp_path, "template1"))
        older.environment["DATABASE_URL"] = url
        for target in (["billing", "0004"], ["accounts", "0004"], ["backups", "zero"]):
            run = [sys.executable, "manage.py", "migrate", "-v0", *target]
            subprocess.run(run, cwd=settings.BASE_DIR, env=older.environment, check=True)
        program = installed_client().folder / "pg_dump"
        subprocess.run([program, "-Fc", "-d", url, "-f", tmp_path / "older.dump"], check=True)
    Postgres().examine(tmp_path / "older.dump")
    Postgres().replace_live(tmp_path / "older.dump", migrate_up)
    assert schema() == before
    make_bill(make_household(), name="Works")


def test_an_exception_at_the_end_leaves_everything_as_before(dump, household):
    make_bill(household, name="Later")
    before = schema()
    with pytest.raises(RuntimeError):
        Postgres().replace_live(dump, raise_an_error)
    assert names() == ["Later", RENT]
    assert schema() == before


def raise_an_error():
    raise RuntimeError


# --- one instant -------------------------------------------------------------------------------
def test_a_dump_under_steady_writers_is_one_instant(tmp_path, household):
    stop = threading.Event()
    writer = threading.Thread(target=write_pairs, args=(household.pk, stop))
    writer.start()
    try:
        wait_until(lambda: Category.objects.count() > 20, "the writer")
        figures = Postgres().dump(tmp_path / "database.dump", silent)
    finally:
        stop.set()
        writer.join()
    assert Category.objects.count() > figures.rows["bills_category"]
    with Postgres().scratch(tmp_path / "database.dump"):
        assert differences(figures, take_figures()) == []
        assert Category.objects.count() % 2 == 0
        assert Category.objects.count() == Bill.objects.count()


def write_pairs(household_id: int, stop: threading.Event) -> None:
    """Add two categories and two bills in each transaction, until told to stop."""
    from tests.factories import Household

    household = Household.objects.get(pk=household_id)
    number = 0
    while not stop.is_set():
        with transaction.atomic():
            for _ in range(2):
                number += 1
                category = Category.objects.create(household=household, name=f"n{number}")
                make_bill(household, category=category)
    connection.close()


def test_others_wait_while_the_data_are_replaced_and_no_later_write_is_lost(dump, household):
    with postgres_address() as url:
        readers = [start_client(url, READER), start_client(url, READER)]
        writer = start_client(url, WRITER.format(household=household.pk))
        try:
            wait_until(lambda: Category.objects.count() > 5, "the writer")
            Postgres().replace_live(dump, lambda: time.sleep(1))
            replaced = Category.objects.count()
            wait_until(lambda: Category.objects.count() > replaced + 5, "the writer after it")
        finally:
            said = [end(client) for client in (*readers, writer)]
    assert all("error" not in one.lower() for one in said), said
    # Everything that the writer was told is written after the replacement is there.
    done = [int(number) for number in said[-1].split()]
    there = {int(name) for name in Category.objects.values_list("name", flat=True)}
    assert there == set(done[-len(there) :])


LOOP = """
import psycopg, signal, sys
going = True
def stop(*_):
    global going
    going = False
signal.signal(signal.SIGTERM, stop)
number = 0
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    while going:
        number += 1
        {work}
"""
READER = LOOP.format(
    work="""
        connection.execute("SELECT count(*) FROM bills_bill b JOIN bills_category c ON true").fetchone()
        with connection.transaction():
            connection.execute("SELECT count(*) FROM bills_category").fetchone()
            connection.execute("SELECT count(*) FROM bills_bill").fetchone()"""
)
WRITER = LOOP.format(
    work="""
        connection.execute(
            "INSERT INTO bills_category (household_id, name) VALUES ({household}, %s)", [str(number)])
        print(number, flush=True)"""
)


def postgres_address():
    from contextlib import nullcontext

    name = connection.settings_dict["NAME"]
    return nullcontext(f"{settings.DATABASE_URL.rsplit('/', 1)[0]}/{name}")


def start_client(url: str, program: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", program, url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def end(client: subprocess.Popen) -> str:
    client.terminate()
    return client.communicate(timeout=30)[0]


def test_someone_who_does_not_let_go_is_no_deadlock_and_nothing_changes(dump, household, monkeypatch):
    monkeypatch.setattr(loading, "PATIENCE", 0.5)
    make_bill(household, name="Later")
    with postgres_address() as url, psycopg.connect(url) as other:
        other.execute("SELECT count(*) FROM bills_bill")
        with pytest.raises(DomainError, match="did not let go"):
            Postgres().replace_live(dump, lambda: None)
        other.execute("SELECT count(*) FROM bills_category")
    assert names() == ["Later", RENT]


# --- what is damaged ---------------------------------------------------------------------------
@pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_dump_is_refused_and_changes_nothing(dump, household, share):
    content = dump.read_bytes()
    dump.write_bytes(content[: int(len(content) * share)])
    make_bill(household, name="Later")
    for attempt in (
        lambda: Postgres().examine(dump),
        lambda: Postgres().replace_live(dump, lambda: None),
        lambda: Postgres().scratch(dump).__enter__(),
    ):
        with pytest.raises(DomainError, match="unharmed"):
            attempt()
    assert names() == ["Later", RENT]


def test_a_file_that_is_no_dump_is_said_to_be_none(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"SQLite format 3\0" + b"\0" * 100)
    with pytest.raises(DomainError, match="no pg_dump file"):
        Postgres().examine(path)
    path.write_bytes(b"PGDMP")
    with pytest.raises(DomainError, match="damaged or cut"):
        Postgres().examine(path)


def test_a_pg_restore_that_dies_half_way_changes_nothing(dump, household, monkeypatch, tmp_path):
    make_bill(household, name="Later")
    script = 'case "$1" in --list) exec {real} "$@";; esac\n{real} "$@" | head -c 150000\nkill -9 $$'
    with replaced_program(monkeypatch, tmp_path, "pg_restore", script), pytest.raises(DomainError):
        Postgres().replace_live(dump, lambda: None)
    assert names() == ["Later", RENT]


@pytest.mark.parametrize(
    "script",
    [
        'for last; do :; done\n{real} "$@" && truncate -s 300000 "${last#--file=}"',
        '{real} "$@"\nexit 1',
        "echo secret >&2\nexit 3",
    ],
)
def test_a_pg_dump_that_does_not_come_through_is_noticed(household, monkeypatch, tmp_path, script):
    with (
        replaced_program(monkeypatch, tmp_path, "pg_dump", script),
        pytest.raises(DomainError, match=r"pg_dump did not come through|damaged") as refusal,
    ):
        Postgres().dump(tmp_path / "database.dump", silent)
    assert "secret" not in refusal.value.sentence


def test_pg_dump_gets_no_secret_on_its_command_line(household, monkeypatch, tmp_path):
    script = f'echo "$@" > {tmp_path}/said\n{{real}} "$@"'
    with replaced_program(monkeypatch, tmp_path, "pg_dump", script):
        Postgres().dump(tmp_path / "database.dump", silent)
    said = (tmp_path / "said").read_text()
    assert "--format=custom" in said
    assert "127.0.0.1" not in said
    child = environment({"password": "geheim", "dbname": "x", "sslmode": "require", "cursor_factory": object})
    assert (child["PGPASSWORD"], child["PGDATABASE"], child["PGSSLMODE"]) == ("geheim", "x", "require")
    assert "SECRET_KEY" not in child


# --- the client --------------------------------------------------------------------------------
def test_a_missing_client_and_an_older_one_are_said_before_a_backup_fails(monkeypatch, tmp_path, household):
    from backups.engines.postgres import client_fault

    assert client_fault() == ""
    assert Postgres().client_version()
    monkeypatch.setattr(settings, "POSTGRES_BIN_DIR", str(tmp_path))
    assert "client is missing" in client_fault()
    with pytest.raises(DomainError, match="client is missing"):
        Postgres().dump(tmp_path / "x", silent)
    for name in ("pg_dump", "pg_restore"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 9.6.24"\n')
        program.chmod(0o755)
    client_in.cache_clear()
    assert "9.6.24, older than the server's" in client_fault()
    with pytest.raises(DomainError, match="older than the server"):
        Postgres().dump(tmp_path / "x", silent)
    assert not (tmp_path / "x").exists()
    client_in.cache_clear()


# --- roles -------------------------------------------------------------------------------------
ROUND_TRIP = """
from pathlib import Path
from backups.engines import silent
from backups.engines.postgres import Postgres
from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError
path = Path({path!r})
User.objects.create(username="first")
Postgres().dump(path, silent)
User.objects.create(username="second")
Postgres().replace_live(path, lambda: None)
print(*User.objects.values_list("username", flat=True))
try:
    with Postgres().scratch(path):
        pass
except DomainError as error:
    print(error.sentence)
"""


def test_a_role_that_owns_its_tables_alone_can_restore_but_not_prove(tmp_path, household):
    with postgres_database() as (_, url), psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEDB")
        try:
            owner.execute("GRANT USAGE, CREATE ON SCHEMA public TO plain")
            # An extension's things, and a stranger's, stay where they are.
            owner.execute("CREATE TABLE stranger (id int); CREATE VIEW strange AS SELECT 1 AS one")
            plain = next(serving(tmp_path, "template1"))
            plain.environment["DATABASE_URL"] = url.replace("billtracker@", "plain@")
            migrate(plain)
            said = plain.ask(ROUND_TRIP.format(path=str(tmp_path / "own.dump"))).splitlines()
            assert owner.execute("SELECT count(*) FROM stranger").fetchone() == (0,)
        finally:
            owner.execute("DROP OWNED BY plain CASCADE")
            owner.execute("DROP ROLE plain")
    assert said[0] == "first"
    assert "ALTER ROLE plain CREATEDB" in said[1]


def test_what_depends_on_our_tables_is_named_and_nothing_changes(dump, household):
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW report_of_a_stranger AS SELECT name FROM bills_bill")
        try:
            with pytest.raises(DomainError, match="depends on its tables"):
                Postgres().replace_live(dump, lambda: None)
            assert names() == [RENT]
        finally:
            cursor.execute("DROP VIEW report_of_a_stranger")


# --- leftovers ---------------------------------------------------------------------------------
def databases() -> list[str]:
    """Return the scratch databases of this process; other processes of the tests have their own."""
    own = connection.settings_dict["NAME"] + "_scratch_"
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1", [own])
        return [name for (name,) in cursor.fetchall()]


HANG = """
import time
from pathlib import Path
from backups.engines.postgres import Postgres
with Postgres().scratch(Path({path!r})):
    print("there", flush=True)
    time.sleep(60)
"""
REPLACE = """
from pathlib import Path
from backups.engines.postgres import Postgres
print("there", flush=True)
Postgres().replace_live(Path({path!r}), lambda: None)
"""


def start_own(program: str, dump: Path) -> subprocess.Popen:
    """Run a program with the tests' database in a process of its own, and wait until it says "there"."""
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": f"{settings.DATABASE_URL.rsplit('/', 1)[0]}/{name}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    child = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", program.format(path=str(dump))],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "there\n"
    return child


def test_a_kill_at_any_moment_leaves_the_old_data_or_the_new(dump, household):
    make_bill(household, name="Later")
    before = schema()
    outcomes = set()
    for moment in range(10):
        child = start_own(REPLACE, dump)
        time.sleep(0.2 * moment)
        child.kill()
        child.communicate()
        outcomes.add(tuple(names()))
        assert schema() == before
        if "Later" not in names():
            make_bill(household, name="Later")
    assert outcomes <= {("Later", RENT), (RENT,)}
    assert ("Later", RENT) in outcomes
    Postgres().replace_live(dump, lambda: None)
    assert names() == [RENT]
    assert no_program_is_left()


def no_program_is_left() -> bool:
    return wait_until(lambda: not any("pg_restore" in title for *_, title in processes()), "its end")


def test_a_scratch_database_of_a_killed_process_is_dropped_by_the_next_one(dump):
    child = start_own(HANG, dump)
    with Postgres().scratch(dump):
        pass
    assert len(databases()) == 1, "one that is in use is left alone"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    with Postgres().scratch(dump):
        pass
    assert databases() == []
