"""Writing many new rows at once: the same rows that saving one by one gives."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, models, transaction

from bills.models import Bill
from billtracker.core.crypto import EncryptedTextField
from billtracker.core.data import bulk_writes
from billtracker.core.models import ImportedThing, ImportPreview, ImportRow
from billtracker.core.money import MoneyError
from tests.factories import make_bill, make_household

pytestmark = pytest.mark.django_db


def unsaved(household, **fields):
    bill = make_bill(household, **fields)
    Bill.objects.filter(pk=bill.pk).delete()
    bill.pk = None
    return bill


def test_rows_are_the_same_as_those_saved_one_by_one():
    household = make_household()
    saved = make_bill(household, name="Café", expected_amount=Decimal("0.10"), debt_apr=Decimal("4.9"))
    copy = Bill.objects.get(pk=saved.pk)
    copy.pk = None
    assert bulk_writes.insert_all(Bill, [copy]) == 1
    left_out = {"id", "created_at"}
    first, second = ({k: v for k, v in row.items() if k not in left_out} for row in Bill.objects.values())
    assert first == second


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bulk_writes.insert_all(Bill, []) == 0


def test_reserved_keys_are_nobody_elses():
    household = make_household()
    before = make_bill(household)
    keys = bulk_writes.reserve_keys(Bill, 3)
    rows = [unsaved(household, name=f"n{n}") for n in range(3)]
    keys = bulk_writes.reserve_keys(Bill, 3)
    for key, row in zip(keys, rows, strict=True):
        row.pk = key
    bulk_writes.insert_all(Bill, rows)
    after = make_bill(household)
    assert len({before.pk, *keys, after.pk}) == 5
    assert Bill.objects.get(pk=keys[1]).name == "n1"


def test_fields_and_constraints_check_as_always():
    household = make_household()
    good = make_bill(household)
    good.pk, good.expected_amount = None, Decimal("0.001")
    with pytest.raises(MoneyError):
        bulk_writes.insert_all(Bill, [good])
    good.expected_amount = Decimal(-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_writes.insert_all(Bill, [good])


def test_json_and_long_lists_are_written():
    preview = ImportPreview.objects.create(
        scope="household:1", kind="bills", file_name="f", actor_name="a", expires_at="2026-01-01T00:00:00Z"
    )
    rows = [ImportRow(preview=preview, number=n, status="ok", understood={"Bill": "é"}) for n in range(2_500)]
    assert bulk_writes.insert_all(ImportRow, rows) == 2_500
    assert ImportRow.objects.filter(understood__Bill="é").count() == 2_500
    assert ImportedThing.objects.count() == 0


def test_copies_are_unsaved_rows_that_share_nothing_with_their_model():
    household = make_household()
    blank = unsaved(household, name="Rent")
    first, second = bulk_writes.copies(blank, 2)
    first.name = "Gas"
    assert (blank.name, second.name) == ("Rent", "Rent")
    assert first._state.adding
    assert bulk_writes.insert_all(Bill, [first, second]) == 2
    assert sorted(Bill.objects.values_list("name", flat=True)) == ["Gas", "Rent"]


def test_values_of_several_types_in_one_column_stay_what_they_are():
    household = make_household()
    dates = (None, dt.date(2026, 12, 31), None)
    rows = [unsaved(household, name=f"n{n}", end_date=date) for n, date in enumerate(dates)]
    bulk_writes.insert_all(Bill, rows)
    assert tuple(Bill.objects.order_by("name").values_list("end_date", flat=True)) == dates


PLAIN_VALUES = {
    models.IntegerField(): [1, None, -5],
    models.PositiveIntegerField(): [0, 7, 7],
    models.CharField(max_length=9): ["", "Café", None],
    models.TextField(): ["a", "b\n"],
    Bill._meta.get_field("household"): [3, None, 3],
}


@pytest.mark.parametrize("field", PLAIN_VALUES, ids=lambda field: type(field).__name__)
def test_values_that_are_not_asked_for_are_what_the_field_would_have_said(field):
    values = PLAIN_VALUES[field]
    assert bulk_writes.are_ready(values, field)
    assert [field.get_db_prep_save(value, connection=connection) for value in values] == values


def test_other_types_and_other_fields_are_asked():
    assert not bulk_writes.are_ready([True], models.IntegerField())
    assert not bulk_writes.are_ready(["7"], models.IntegerField())
    assert not bulk_writes.are_ready([None, None], models.JSONField())
    assert not bulk_writes.are_ready(["secret"], EncryptedTextField())
    assert not bulk_writes.are_ready([dt.date(2026, 1, 1)], models.DateField())


def test_a_field_that_looks_at_the_clock_is_asked_for_each_row():
    assert bulk_writes.is_written_as_it_is(models.DateTimeField())
    assert bulk_writes.is_written_as_it_is(models.DateField())
    assert not bulk_writes.is_written_as_it_is(models.DateTimeField(auto_now_add=True))
    assert not bulk_writes.is_written_as_it_is(models.DateField(auto_now=True))
    assert not bulk_writes.is_written_as_it_is(Bill._meta.get_field("expected_amount"))


def test_a_conflict_is_an_integrity_error_on_both_engines_and_leaves_nothing():
    household = make_household()
    good = make_bill(household)
    rows = [unsaved(household, name="n"), unsaved(household, name="m")]
    rows[0].pk, rows[1].pk = bulk_writes.reserve_keys(Bill, 1)[0], good.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_writes.insert_all(Bill, rows)
    assert [bill.pk for bill in Bill.objects.all()] == [good.pk]
