"""What is issued is frozen for everyone: through models, in bulk, and by raw SQL."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from billing.models import Counter, CounterAdjustment, Document, Sequence, Statement, StatementLine
from billing.triggers import frozen_documents
from tests.factories import make_draft, make_issued, make_office_user

pytestmark = pytest.mark.django_db


def run(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql: str, *values) -> None:
    with pytest.raises(DatabaseError, match=r"frozen|never changed|forward only"):
        run(sql, *values)


def test_every_column_of_a_statement_is_frozen_or_named_as_open():
    columns = {field.column for field in Statement._meta.concrete_fields}
    assert set(frozen_documents.FROZEN_COLUMNS) | set(frozen_documents.OPEN_ON_ISSUED) == columns
    assert not set(frozen_documents.FROZEN_COLUMNS) & set(frozen_documents.OPEN_ON_ISSUED)


@pytest.mark.parametrize(
    "change",
    [
        "total = total + 1",
        "notes = 'x'",
        "number = 'SOA-1'",
        "number = NULL",
        "currency = 'USD'",
        "issue_date = '2026-12-31'",
        "due_date = '2027-12-31'",
        "sequence_number = 99999",
        "snapshot = '[]'",
        "state = 'draft'",
        "kind = 'retainer'",
        "created_at = '2020-01-01 00:00:00+00:00'",
    ],
)
def test_an_issued_statement_refuses_the_change(change):
    issued = make_issued()
    refused(f"UPDATE billing_statement SET {change} WHERE id = %s", issued.pk)


def test_rows_are_neither_deleted_nor_replaced():
    issued = make_issued()
    line = issued.lines.get()
    refused("DELETE FROM billing_statementline WHERE id = %s", line.pk)
    refused("UPDATE billing_statementline SET amount = 0 WHERE id = %s", line.pk)
    refused(
        "INSERT INTO billing_statementline"
        " (statement_id, position, description, quantity, unit, unit_price, amount)"
        " VALUES (%s, 2, 'More', 1, '', 1, 1)",
        issued.pk,
    )
    refused("DELETE FROM billing_statement WHERE id = %s", issued.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        issued.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Statement.objects.filter(pk=issued.pk).update(total=0)
    assert Statement.objects.get(pk=issued.pk).lines.count() == 1


def test_a_line_cannot_move_into_an_issued_statement():
    issued, draft = make_issued(), make_draft()
    refused("UPDATE billing_statementline SET statement_id = %s WHERE statement_id = %s", issued.pk, draft.pk)


@pytest.mark.engines("sqlite")
def test_sqlite_does_not_replace_what_is_issued():
    issued = make_issued()
    for table, pk in (("billing_statement", issued.pk), ("billing_statementline", issued.lines.get().pk)):
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = %s", pk)


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("table", frozen_documents.FROZEN_TABLES)
def test_postgres_does_not_truncate(table):
    refused(f"TRUNCATE {table} CASCADE")


def test_internal_notes_and_voiding_stay_open_and_a_void_one_is_frozen_too():
    issued = make_issued()
    voided = {"state": "void", "voided_by": issued.created_by, "voided_at": timezone.now(),
              "void_date": issued.issue_date, "void_reason": "Wrong client"}  # fmt: skip
    Statement.objects.filter(pk=issued.pk).update(internal_notes="Called them.")
    Statement.objects.filter(pk=issued.pk).update(**voided)
    Statement.objects.filter(pk=issued.pk).update(internal_notes="They know.")
    refused("UPDATE billing_statement SET void_reason = 'Another' WHERE id = %s", issued.pk)
    refused("UPDATE billing_statement SET state = 'issued' WHERE id = %s", issued.pk)


def test_a_draft_is_free():
    draft = make_draft()
    Statement.objects.filter(pk=draft.pk).update(notes="Soon")
    StatementLine.objects.filter(statement=draft).update(description="Audit 2025")
    draft.delete()
    assert not Statement.objects.exists()


def test_documents_and_adjustments_are_never_changed_and_counters_move_forward():
    issued, sequence = make_issued(), Sequence.objects.get(code="SOA")
    document = Document.objects.create(
        statement=issued, path="x", sha256="0" * 64, size=1, made_at=timezone.now()
    )
    refused("UPDATE billing_document SET size = 2 WHERE id = %s", document.pk)
    refused("DELETE FROM billing_document WHERE id = %s", document.pk)
    counter = Counter.objects.create(sequence=sequence, year=2026, last_number=5)
    moved = CounterAdjustment.objects.create(
        counter=counter, from_number=3, to_number=5, reason="Paper booklet", made_by=make_office_user("Admin")
    )
    refused("UPDATE billing_counteradjustment SET reason = 'x' WHERE id = %s", moved.pk)
    refused("DELETE FROM billing_counteradjustment WHERE id = %s", moved.pk)
    run("UPDATE billing_counter SET last_number = 6 WHERE id = %s", counter.pk)
    refused("UPDATE billing_counter SET last_number = 5 WHERE id = %s", counter.pk)
    refused("UPDATE billing_counter SET year = 2025 WHERE id = %s", counter.pk)
    refused("DELETE FROM billing_counter WHERE id = %s", counter.pk)
