"""From preview to batch and back: once, all or nothing, and not after things changed."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection

from bills import services
from bills.models import Bill, Category, Payment
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, columns, previews, tasks
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import AuditEntry, ImportBatch, ImportPreview, ImportRow
from tests.factories import make_bill, make_category, make_household, make_user

FILE = b"bill,category,amount,due day\nRent,Housing,1850,1\nGas,Utilities,88,15\n"


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def household(owner):
    return make_household(owner)


def uploaded(household, owner, content=FILE, kind="bills"):
    return previews.take_file(
        actor=owner, scope=household.audit_scope, kind=kind, name="f.csv", content=content
    )


def ready(household, owner, content=FILE, kind="bills"):
    preview = uploaded(household, owner, content, kind)
    previews.check_with(preview=preview, answers=answers_for(preview))
    preview.refresh_from_db()
    return preview


def answers_for(preview):
    return columns.as_stored(
        handler_for(preview.kind),
        preview.scope,
        previews.sheet_of(preview),
        **preview.answers,
        decimal_mark="",
        date_order="dmy",
        options={},
    )


def states(preview):
    return ImportPreview.objects.get(pk=preview.pk).state


def test_an_applied_preview_gives_the_same_batch_again(household, owner):
    preview = ready(household, owner)
    first = batches.apply_preview(actor=owner, preview=preview)
    preview.refresh_from_db()
    assert batches.apply_preview(actor=owner, preview=preview) == first
    assert (Bill.objects.count(), states(preview)) == (2, "applied")


@pytest.mark.django_db(transaction=True)
def test_five_applies_at_once_make_one_batch():
    owner = make_user()
    preview = ready(make_household(owner), owner)
    found, barrier = [], threading.Barrier(5)

    def apply():
        mine = ImportPreview.objects.get(pk=preview.pk)
        barrier.wait()
        try:
            found.append(batches.apply_preview(actor=owner, preview=mine).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=apply) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ImportBatch.objects.get().pk] * 5
    assert Bill.objects.count() == 2


def test_a_row_that_changed_since_the_preview_stops_the_whole_file(household, owner):
    preview, other = ready(household, owner), ready(household, owner)
    batches.apply_preview(actor=owner, preview=other)
    with pytest.raises(DomainError, match="Something changed since this preview"):
        batches.apply_preview(actor=owner, preview=preview)
    assert Bill.objects.count() == 2
    preview.refresh_from_db()
    assert preview.state == "ready"
    assert set(preview.rows.values_list("status", "is_chosen")) == {("duplicate", False)}


def test_a_duplicate_that_is_ticked_on_purpose_comes_in(household, owner):
    batches.apply_preview(actor=owner, preview=ready(household, owner))
    again = ready(household, owner)
    previews.choose_all(preview=again, status="duplicate", is_chosen=True)
    batches.apply_preview(actor=owner, preview=again)
    assert Bill.objects.filter(name="Rent").count() == 2


def test_a_row_with_a_problem_cannot_be_ticked(household, owner):
    preview = ready(household, owner, b"bill,amount,due day\nRent,1850,1\nGas,x,1\n")
    previews.choose_rows(preview=preview, shown=[2, 3], chosen=[2, 3])
    assert list(preview.rows.filter(is_chosen=True).values_list("number", flat=True)) == [2]


def test_without_a_ticked_row_nothing_is_applied(household, owner):
    preview = ready(household, owner)
    previews.choose_all(preview=preview, status="", is_chosen=False)
    with pytest.raises(DomainError, match="No row is ticked"):
        batches.apply_preview(actor=owner, preview=preview)
    assert (states(preview), ImportBatch.objects.count()) == ("ready", 0)


def test_what_fails_half_way_leaves_nothing(household, owner, monkeypatch):
    preview = ready(household, owner)
    monkeypatch.setattr("bills.imports.bills.make_occurrences", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batches.apply_preview(actor=owner, preview=preview)
    assert (Bill.objects.count(), Category.objects.count(), states(preview)) == (0, 0, "ready")


def test_an_expired_preview_is_cleared(household, owner, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, tzinfo=dt.UTC), tick=False)
    preview, applied = ready(household, owner), ready(household, owner)
    batches.apply_preview(actor=owner, preview=applied)
    time_machine.shift(dt.timedelta(hours=24))
    with pytest.raises(DomainError, match="older than 24 hours"):
        batches.apply_preview(actor=owner, preview=preview)
    assert previews.forget_old_files() == {"previews": 1, "rows": 4}
    assert (states(preview), states(applied)) == ("expired", "applied")
    assert ImportRow.objects.count() == 0
    assert not any(bytes(p.content) for p in ImportPreview.objects.all())


def test_too_many_files_in_a_quarter_of_an_hour_are_refused(household, owner, monkeypatch):
    monkeypatch.setenv("IMPORTS_PER_15_MINUTES", "1")
    send = {"actor": owner, "scope": household.audit_scope, "kind": "bills", "name": "f", "content": FILE}
    previews.upload_file(**send)
    with pytest.raises(DomainError, match="1 files in 15 minutes is the limit"):
        previews.upload_file(**send)


# --- the worker --------------------------------------------------------------------------------
@pytest.fixture
def queue(monkeypatch):
    sent = []
    monkeypatch.setattr("billtracker.core.process.jobs.enqueue", lambda name, *ids: sent.append((name, ids)))
    return sent


def run(queue):
    name, ids = queue.pop(0)
    return getattr(tasks, name.rpartition(".")[2])(*ids)


def test_a_long_file_goes_through_the_worker(household, owner, queue, monkeypatch):
    monkeypatch.setattr(previews, "SMALL_ROWS", 1)
    monkeypatch.setattr("billtracker.core.imports.reading.is_small", lambda content: False)
    preview = previews.upload_file(
        actor=owner, scope=household.audit_scope, kind="bills", name="long.csv", content=FILE
    )
    assert states(preview) == "uploaded"
    assert run(queue) == f"File {preview.pk} (bills): waiting for its columns."
    preview.refresh_from_db()
    previews.answer_columns(preview=preview, answers=answers_for(preview))
    assert states(preview) == "checking"
    assert run(queue) == f"File {preview.pk} (bills): ready to apply."
    preview.refresh_from_db()
    assert batches.apply_preview(actor=owner, preview=preview) is None
    assert (states(preview), Bill.objects.count()) == ("applying", 0)
    preview.refresh_from_db()
    assert batches.apply_preview(actor=owner, preview=preview) is None
    job = queue[0]
    assert run(queue) == f"File {preview.pk} (bills): applied."
    queue.append(job)
    assert run(queue) == f"File {preview.pk} (bills): applied."
    assert (Bill.objects.count(), ImportBatch.objects.count()) == (2, 1)


def test_a_file_the_worker_cannot_read_says_why(household, owner, queue, monkeypatch):
    monkeypatch.setattr("billtracker.core.imports.reading.is_small", lambda content: False)
    preview = previews.upload_file(
        actor=owner, scope=household.audit_scope, kind="bills", name="x.csv", content=b"%PDF"
    )
    run(queue)
    preview.refresh_from_db()
    assert (preview.state, preview.error[:14]) == ("failed", "This is a PDF.")


def test_what_nobody_expected_is_said_on_the_page(household, owner, monkeypatch):
    preview = uploaded(household, owner)
    answers = answers_for(preview)
    ImportPreview.objects.update(state="checking", answers=answers)
    monkeypatch.setattr(previews, "verdicts_of", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.check_file(preview.pk)
    preview.refresh_from_db()
    assert (preview.state, preview.error) == ("failed", tasks.UNEXPECTED)
    assert tasks.check_file(preview.pk + 99) == "The file was discarded."


# --- taking back -------------------------------------------------------------------------------
def test_a_payment_recorded_by_hand_keeps_its_bill(household, owner):
    batch = batches.apply_preview(actor=owner, preview=ready(household, owner))
    occurrence = Bill.objects.get(name="Gas").occurrences.first()
    payment = services.record_payment(
        actor=owner,
        household=household,
        splits=[(occurrence, Decimal("88.00"))],
        paid_on=occurrence.due_date,
        currency="USD",
    )
    with pytest.raises(DomainError, match="There are payments on “Gas”"):
        batches.undo_batch(actor=owner, batch=batch)
    assert (Bill.objects.count(), Payment.objects.count()) == (2, 1)
    services.delete_payments(actor=owner, payments=[payment])
    assert batches.undo_batch(actor=owner, batch=batch)
    assert (Bill.objects.count(), Payment.objects.count(), Category.objects.count()) == (0, 0, 0)


def test_a_category_that_another_bill_uses_keeps_the_batch(household, owner):
    batch = batches.apply_preview(actor=owner, preview=ready(household, owner))
    make_bill(household, name="Hers", category=Category.objects.get(name="Housing"))
    with pytest.raises(DomainError, match="“Housing” came with this file and is used by “Hers”"):
        batches.undo_batch(actor=owner, batch=batch)
    assert Bill.objects.count() == 3


def test_a_category_that_was_there_is_used_and_stays(household, owner):
    there = make_category(household, name="housing")
    batch = batches.apply_preview(actor=owner, preview=ready(household, owner))
    assert Bill.objects.get(name="Rent").category == there
    batches.undo_batch(actor=owner, batch=batch)
    assert list(Category.objects.all()) == [there]


def test_the_audit_log_keeps_what_came_and_what_went(household, owner):
    batch = batches.apply_preview(actor=owner, preview=ready(household, owner))
    batches.undo_batch(actor=owner, batch=batch)
    entries = AuditEntry.objects.filter(target_type="core.importbatch").order_by("position")
    assert [entry.action for entry in entries] == ["import.applied", "import.undone"]
    assert entries[0].changes["made"] == [None, {"bills.bill": 2, "bills.category": 2}]
    assert entries[0].changes["expected"] == [None, "1938.00 USD"]
