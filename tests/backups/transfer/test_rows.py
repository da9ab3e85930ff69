"""Carrying rows from SQLite to Postgres and back: every value as it is, or nothing and the reason."""

import datetime as dt
import shutil
import time
from decimal import Decimal

import psycopg
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from backups.engines.figures import take_figures
from backups.services.move_database import move_database
from backups.transfer import rows, target
from bills.models import Bill, Payment
from billtracker.accounts.models import User
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry, ImportPreview, Setting
from tests.backups.databases import looking_at
from tests.backups.postgres_dumps import schema
from tests.factories import make_bill, make_household, make_user
from tests.servers import postgres_database

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.django_db(transaction=True)]
JSON = {
    "é": [1, 1.5, 1e2, -0.0, 1e-7, 12345678901234567890, True, False, None, "", "\\u0000 as text", "😀"],
    "a": {"b": {"c": [[]]}}, "": "\t\n\r\\N \\.",
}  # fmt: skip
TEXT = "tab\t newline\n return\r backslash \\N \\. quote ' \" null NULL ünï 黃 😀 "


def fill() -> None:
    """Write a row of everything that engines store in ways of their own."""
    user = make_user(username="Zoë", last_login=dt.datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=dt.UTC))
    household = make_household(user, name="")
    bill = make_bill(
        household,
        name="Café",
        notes=TEXT,
        expected_amount=Decimal("0.10"),
        debt_apr=Decimal("4.9"),
        currency="EUR",
        is_autopay=True,
        end_date=dt.date(2099, 12, 31),
    )
    make_bill(household, name="Car loan", expected_amount=Decimal("99999999999.99"), debt_apr=None)
    user.user_permissions.add(user.user_permissions.model.objects.first())
    Setting.objects.create(name="one", value=JSON, secret="geheim ünï")
    Setting.objects.create(name="Two", value=None)
    Setting.objects.create(name="é", value=False)
    Setting.objects.create(name="three", value="")
    ImportPreview.objects.create(
        scope="household:1",
        kind="bills",
        file_name="f",
        actor_name="a",
        content=bytes(range(256)) * 20,
        expires_at=dt.datetime(2026, 10, 25, 0, 59, 59, 999999, tzinfo=dt.UTC),
        answers=JSON,
    )
    Session.objects.create(session_key="abc", session_data="x", expire_date=timezone.now())
    with transaction.atomic():
        audit.record(user, "bill.changed", bill, {"amount": ["1.00", "2.00"], "name": ["ü", None]})


def values() -> dict:
    """Every row of every table as the models give it, but for the trace of the move itself."""
    found = {}
    for table in rows.tables():
        stored = table.model._base_manager.order_by("pk")
        if table.model is AuditEntry:
            stored = stored.exclude(action="database.moved")
        if table.name != "core_auditchain":
            found[table.name] = sorted(([*row.values()] for row in stored.values()), key=repr)
    return found


def move(url: str) -> str:
    return move_database(actor=None, url=url).sentence


# --- there and back ----------------------------------------------------------------------------
def test_every_value_is_the_same_there_and_back_again(old_file, fresh, tmp_path):
    fill()
    before, figures = values(), take_figures()
    assert "Carried" in move(fresh)
    with looking_at(fresh):
        assert values() == before
        assert take_figures().money == figures.money
        assert Setting.objects.get(name="one").secret == "geheim ünï"
        assert bytes(ImportPreview.objects.get().content) == bytes(range(256)) * 20
        assert Bill.objects.filter(debt_apr=Decimal("4.9"), is_autopay=True).count() == 1
        assert audit.verify() == []
        back = tmp_path / "back.db"
        move(f"sqlite:///{back}")
    assert back.stat().st_mode & 0o777 == 0o600
    with looking_at(f"sqlite:///{back}"):
        assert values() == before
        assert Bill.objects.filter(debt_apr=Decimal("4.9"), is_autopay=True).count() == 1
        assert Setting.objects.filter(value__a__b__c=[[]]).count() == 1
        assert audit.verify() == []
        assert [entry.action for entry in AuditEntry.objects.filter(action="database.moved")] == [
            "database.moved"
        ] * 2


def test_an_empty_target_is_migrated_first_and_keeps_the_rules(old_file):
    fill()
    with postgres_database() as (_, url):
        move(url)
        with looking_at(url):
            there = schema()
            with pytest.raises(Exception, match="append-only"), transaction.atomic():
                AuditEntry.objects.update(reason="x")
    assert there == schema_of_tests()


def schema_of_tests() -> list[tuple]:
    """Return the schema of this process' own test database, which migrations made."""
    place, name = settings.DATABASE_URL.rsplit("/", 1)[0], settings.DATABASES["default"]["NAME"]
    with looking_at(f"{place}/{name}"):
        return schema()


def test_what_migrations_put_there_gives_way_to_the_sources_own(old_file, fresh):
    make_user(username="a")
    ContentType.objects.create(id=9_001, app_label="past", model="thing")
    with looking_at(fresh):
        ContentType.objects.create(id=9_001, app_label="future", model="thing")
    move(fresh)
    with looking_at(fresh):
        assert ContentType.objects.get(pk=9_001).app_label == "past"


def test_numbers_that_were_given_are_not_given_again(old_file, fresh, tmp_path):
    household = make_household()
    gone = make_bill(household)
    Bill.objects.filter(pk=gone.pk).delete()
    move(fresh)
    with looking_at(fresh):
        there = make_bill(type(household).objects.get())
        assert there.pk == gone.pk + 1
        Bill.objects.all().delete()
        move(f"sqlite:///{tmp_path / 'back.db'}")
    with looking_at(f"sqlite:///{tmp_path / 'back.db'}"):
        assert make_bill(type(household).objects.get()).pk == gone.pk + 2


PAYMENTS = """
    INSERT INTO bills_payment (household_id, amount, currency, paid_on, method, note, source, recorded_at)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
    SELECT %s, 100 * n, 'USD', date('2026-01-01', '+' || (n % 300) || ' days'), 'Card ' || n, 'é' || n,
        'manual', '2026-11-21 10:00:00.' || printf('%%06d', n) FROM numbers
"""


def test_a_hundred_thousand_rows_go_there_and_back(old_file, fresh, tmp_path):
    household = make_household()
    with connection.cursor() as cursor:
        cursor.execute(PAYMENTS, [household.pk])
    rows = list(Payment.objects.order_by("pk").values_list())
    figures = take_figures()
    begin = time.monotonic()
    assert "rows of" in move(fresh)
    assert time.monotonic() - begin < 120
    with looking_at(fresh):
        assert list(Payment.objects.order_by("pk").values_list()) == rows
        assert take_figures().money == figures.money
        move(f"sqlite:///{tmp_path / 'back.db'}")
    with looking_at(f"sqlite:///{tmp_path / 'back.db'}"):
        assert list(Payment.objects.order_by("pk").values_list()) == rows
        assert take_figures().money == figures.money


# --- what is refused ---------------------------------------------------------------------------
def spoil(statement: str, *parameters) -> None:
    """Write past every check, as somebody with a database tool could."""
    with connection.cursor() as cursor:
        for pragma in ("ignore_check_constraints = ON", "foreign_keys = OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(statement, parameters)


MISFITS = [
    ("UPDATE bills_bill SET name = %s", ["x" * 200], "bills_bill, row {id}, column name: longer than"),
    ("UPDATE bills_bill SET notes = %s", ["a\0b"], "column notes: a NUL character in it"),
    ("UPDATE bills_bill SET start_date = 'soon'", [], "column start_date: not what the field holds"),
    ("UPDATE bills_bill SET start_date = '2026-02-30'", [], "column start_date: no date"),
    ("UPDATE bills_bill SET is_autopay = 7", [], "column is_autopay: a value of another kind"),
    ("UPDATE bills_bill SET due_day = 70000", [], "column due_day: a number too large"),
    ("UPDATE bills_bill SET due_day = -5", [], "row {id}: the target does not take it"),
    ("UPDATE bills_bill SET expected_amount = 'much'", [], "column expected_amount: a value of another kind"),
    ("UPDATE bills_bill SET expected_amount = 1.5", [], "column expected_amount: a value of another kind"),
    ("UPDATE bills_bill SET notes = x'00ff'", [], "column notes: a value of another kind"),
    ("UPDATE core_setting SET value = '{{'", [], "core_setting, row one, column value: no JSON"),
    ("UPDATE core_setting SET value = 'NaN'", [], "column value: no JSON"),
    ("UPDATE core_setting SET value = '\"\\u0000\"'", [], "column value: a NUL character in its JSON"),
    ("UPDATE core_setting SET value = '\"\\ud800\"'", [], "column value: no JSON"),
    ("UPDATE bills_bill SET household_id = 4711", [], "bills_bill point to rows that are not there"),
]


@pytest.mark.parametrize(("statement", "parameters", "reason"), MISFITS, ids=lambda value: str(value)[:60])
def test_a_row_that_postgres_would_not_take_is_named_and_nothing_moves(
    old_file, fresh, statement, parameters, reason
):
    bill = make_bill(make_household(make_user()), name="Rent")
    Setting.objects.create(name="one", value=1)
    shutil.copy(old_file, old_file.with_suffix(".good"))
    spoil(statement.replace("{{", "{"), *parameters)
    with pytest.raises(DomainError) as refusal:
        move(fresh)
    assert reason.replace("{id}", str(bill.pk)) in refusal.value.sentence
    assert "Nothing was moved." in refusal.value.sentence
    with looking_at(fresh):
        assert User.objects.count() == 0
        assert ContentType.objects.exists()
    with looking_at(f"sqlite:///{old_file.with_suffix('.good')}"):
        move(fresh)


def test_a_target_that_somebody_worked_with_is_refused(old_file, fresh):
    make_user(username="own")
    with looking_at(fresh):
        make_user(username="there")
    with pytest.raises(DomainError, match="not empty"):
        move(fresh)
    with looking_at(fresh):
        assert User.objects.get().username == "there"


def test_a_target_with_a_strangers_tables_is_refused(old_file, fresh):
    with psycopg.connect(fresh, autocommit=True) as stranger:
        stranger.execute("CREATE TABLE stranger (id int)")
    with pytest.raises(DomainError, match="not BillTracker's"):
        move(fresh)


def test_a_target_without_the_right_to_make_tables_is_refused(old_file):
    with postgres_database() as (_, url), psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE guest LOGIN")
        try:
            with pytest.raises(DomainError, match="allowed to make tables"):
                move(url.replace("billtracker@", "guest@"))
        finally:
            owner.execute("DROP ROLE guest")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://x/y",
        "postgres://",
        "sqlite://",
        "/tmp/x",
        "postgres://u:geheim@127.0.0.1:1/x",
        "sqlite:///",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(old_file, url):
    with pytest.raises(DomainError, match="Nothing was moved") as refusal:
        move(url)
    assert "geheim" not in refusal.value.sentence


def test_the_own_database_is_no_target(old_file):
    with pytest.raises(DomainError, match="in use"):
        move(f"sqlite:///{old_file}")
    assert old_file.exists()


def test_the_own_postgres_database_is_no_target(fresh):
    with looking_at(fresh), pytest.raises(DomainError, match="in use"):
        move(fresh)


def test_a_row_that_changed_on_its_way_takes_everything_back(old_file, tmp_path, monkeypatch):
    make_bill(make_household(make_user()))
    as_it_is = target.write

    def careless(table, rows):
        as_it_is(table, rows)
        if table.name == "bills_bill":
            Bill.objects.update(notes="changed")

    monkeypatch.setattr(target, "write", careless)
    with pytest.raises(DomainError, match="not be the same there, in bills_bill"):
        move(f"sqlite:///{tmp_path / 'back.db'}")
    assert not (tmp_path / "back.db").exists()
    assert list(tmp_path.glob("back.db*")) == []
