"""The audit log: nothing in it can be changed, removed or moved without being named."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billtracker.core import audit
from billtracker.core.audit.verification import find_first_fault
from billtracker.core.models import AuditChain, AuditEntry
from tests.audit_unlock import audit_log_unlocked
from tests.factories import make_household, make_user

SCOPE = "household:1"


@pytest.fixture
def target(db):
    return make_household()


def record(target, action="bill.created", changes=None, scope=SCOPE, actor=None, reason=""):
    with transaction.atomic():
        return audit.record(actor, action, target, changes, reason, scope=scope)


@pytest.fixture
def chain(target):
    """Four entries."""
    return [record(target, f"bill.changed_{n}", {"amount": [None, Decimal("10.50")]}) for n in range(1, 5)]


def tamper(sql, *values):
    with audit_log_unlocked(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_chain_holds(chain):
    assert [entry.position for entry in chain] == [1, 2, 3, 4]
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_name", "mallory"),
        ("action", "bill.paid"),
        ("target_id", "9"),
        ("changes", '{"amount": [null, "1"]}'),
        ("reason", "because"),
        ("source", "api"),
        ("at", "2020-01-01 00:00:00"),
        ("hash", "0" * 64),
    ],
)
def test_an_edited_entry_is_named(chain, column, value):
    tamper(f"UPDATE core_auditentry SET {column} = %s WHERE position = 2", value)
    assert audit.verify() == [audit.Broken(SCOPE, 2, "the entry or its place was changed")]


def test_a_deleted_entry_is_named(chain):
    tamper("DELETE FROM core_auditentry WHERE position = 2")
    assert audit.verify() == [audit.Broken(SCOPE, 2, "an entry is missing")]


def test_a_deleted_end_is_named(chain):
    tamper("DELETE FROM core_auditentry WHERE position > 2")
    assert audit.verify() == [audit.Broken(SCOPE, 3, "the last entries are missing")]


def test_reordered_entries_are_named(chain):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper("UPDATE core_auditentry SET position = %s WHERE position = %s", new, old)
    assert audit.verify() == [audit.Broken(SCOPE, 2, "the entry or its place was changed")]


def test_a_missing_head_is_named(chain):
    AuditChain.objects.all().delete()
    for scopes in (None, [SCOPE]):
        assert audit.verify(scopes) == [audit.Broken(SCOPE, 1, "its chain's head is missing")]
    assert audit.verify(["office"]) == []


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        ({"length": 3}, audit.Broken(SCOPE, 4, "its chain's head does not know it")),
        ({"last_hash": "0" * 64}, audit.Broken(SCOPE, 4, "its chain's head does not fit")),
    ],
)
def test_a_forged_head_is_named(chain, head, fault):
    AuditChain.objects.update(**head)
    assert audit.verify() == [fault]


def test_an_entry_written_while_the_chain_is_walked_breaks_nothing(target, chain):
    head = AuditChain.objects.get(scope=SCOPE)
    record(target, "bill.paid")
    assert find_first_fault(head) is None


def test_each_scope_has_a_chain_of_its_own(target, chain):
    assert record(target, scope="household:2").position == 1
    tamper("UPDATE core_auditentry SET action = 'x' WHERE scope = 'household:2'")
    assert audit.verify([SCOPE]) == []
    assert [fault.scope for fault in audit.verify()] == ["household:2"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditentry SET reason = 'x'",
        "DELETE FROM core_auditentry",
        "DELETE FROM core_auditentry WHERE position = 4",
    ],
)
def test_the_database_refuses_raw_changes(chain, sql):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEntry.objects.count() == 4


@pytest.mark.engines("sqlite")
def test_sqlite_refuses_to_replace_an_entry(chain):
    sql = "INSERT OR REPLACE INTO core_auditentry SELECT * FROM core_auditentry WHERE position = 2"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.engines("postgresql")
def test_postgres_refuses_to_truncate_the_log(chain):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE core_auditentry")


def test_the_orm_cannot_change_the_log_either(chain):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(position=1).update(reason="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        chain[0].delete()


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_is_cleaned_up_after():
    record(make_household())
    assert AuditEntry.objects.count() == 1


def test_the_triggers_are_back_after_that(target):
    assert AuditEntry.objects.count() == 0
    record(target)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_into_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(None, "bill.created", make_household())


def test_many_entries_form_the_same_chain_as_single_ones(target, chain):
    with transaction.atomic():
        many = [(target, {"n": n}) for n in range(3)]
        assert audit.record_many(None, "payment.recorded", many, scope=SCOPE) == 3
        assert audit.record_many(None, "payment.recorded", [], scope=SCOPE) == 0
    positions = AuditEntry.objects.filter(action="payment.recorded").values_list("position", "changes")
    assert list(positions.order_by("position")) == [(5, {"n": 0}), (6, {"n": 1}), (7, {"n": 2})]
    assert audit.verify() == []


def test_what_a_change_holds_reads_back_the_same(target):
    changes = {
        "amount": [None, Decimal("1850.00")],
        "on": [dt.date(2026, 1, 31), dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)],
        "name": ["a\x00b", "\ud800c – ключ"],
        "flags": [True, {"x": (1, 2)}],
    }
    record(target, changes=changes, actor=make_user(username="ann"), reason="why\x00")
    entry = AuditEntry.objects.get()
    assert entry.changes == {
        "amount": [None, "1850.00"],
        "on": ["2026-01-31", "2026-01-31T12:00:00+00:00"],
        "name": ["ab", "?c – ключ"],
        "flags": [True, {"x": [1, 2]}],
    }
    assert (entry.actor_name, entry.reason) == ("ann", "why")
    assert audit.verify() == []


def test_a_float_is_no_fact(target):
    with pytest.raises(TypeError, match="cannot hold a float"):
        record(target, changes={"amount": [0.1, 0.2]})


def test_changed_fields_are_those_that_differ():
    assert audit.changed_fields({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}
