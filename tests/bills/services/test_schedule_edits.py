"""A change of a schedule acts on cycles: what was settled is not owed again, what nobody touched follows."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from bills import services
from bills.models import Bill, Occurrence
from bills.reports.due_dates import occurrence_on
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.bills.conftest import TODAY, saved_bill

pytestmark = pytest.mark.engines("sqlite", "postgresql")
D = dt.date
NOVEMBER_28 = D(2026, 11, 28)


@pytest.fixture
def save(owner, household):
    return partial(saved_bill, owner, household, today=NOVEMBER_28)


@pytest.fixture
def pay(owner, household):
    def pay(bill, day, amount="100.00"):
        due = bill.occurrences.get(scheduled_date=day)
        return services.record_payment(
            actor=owner, household=household, splits=[(due, Decimal(amount))], paid_on=day, currency="USD"
        )

    return pay


def days(bill):
    return list(bill.occurrences.order_by("scheduled_date").values_list("scheduled_date", flat=True))


def test_a_paid_once_bill_is_not_owed_again_on_another_day(save, pay):
    """B3a"""
    bill = save(unit="once", start_date=D(2026, 12, 10))
    pay(bill, D(2026, 12, 10))
    save(bill, start_date=D(2026, 12, 12))
    assert days(bill) == [D(2026, 12, 10)]


@pytest.mark.parametrize(("past", "expected"), [("keep", D(2026, 11, 20)), ("follow", D(2026, 12, 5))])
def test_a_late_once_bill_stays_or_moves_as_asked_and_is_owed_once(save, past, expected):
    """B3b"""
    bill = save(unit="once", start_date=D(2026, 11, 20))
    save(bill, start_date=D(2026, 12, 5), tracked_from=D(2026, 11, 1), past=past)
    assert days(bill) == [expected]


def test_a_month_that_is_paid_is_not_owed_again_on_a_later_day_of_it(save, pay):
    """B3c"""
    bill = save(start_date=D(2026, 11, 25), due_day=25)
    pay(bill, D(2026, 11, 25))
    save(bill, start_date=D(2026, 11, 30), due_day=30)
    assert days(bill)[:3] == [D(2026, 11, 25), D(2026, 12, 30), D(2027, 1, 30)]


def test_a_year_that_is_paid_is_not_owed_again_six_weeks_later(save, pay):
    """B3d"""
    bill = save(unit="year", start_date=D(2026, 11, 1), expected_amount=Decimal("900.00"))
    pay(bill, D(2026, 11, 1), "900.00")
    save(bill, start_date=D(2026, 12, 15), due_day=15)
    assert days(bill) == [D(2026, 11, 1), D(2027, 12, 15)]


def test_weeks_of_a_month_that_is_paid_are_not_owed(save, pay):
    """B3"""
    bill = save(start_date=D(2026, 11, 5))
    pay(bill, D(2026, 11, 5))
    save(bill, unit="week", interval=2, start_date=D(2026, 11, 14), due_day=None)
    # The two weeks from 23 November have their middle at its end, those from 7 December lie in December.
    assert days(bill)[:3] == [D(2026, 11, 5), D(2026, 12, 12), D(2026, 12, 26)]


def test_quarters_that_begin_with_a_paid_month_are_not_owed_again(save, pay):
    """B3"""
    bill = save(start_date=D(2026, 9, 5))
    for month in (9, 10, 11):
        pay(bill, D(2026, month, 5))
    save(bill, interval=3)
    assert days(bill)[:4] == [D(2026, 9, 5), D(2026, 10, 5), D(2026, 11, 5), D(2026, 12, 5)]
    assert days(bill)[4:6] == [D(2027, 3, 5), D(2027, 6, 5)]


def test_what_autopay_is_taken_to_have_paid_is_settled(save):
    """B3"""
    bill = save(start_date=D(2026, 11, 25), is_autopay=True)
    save(bill, start_date=D(2026, 11, 30), due_day=30, past="follow")
    assert days(bill)[:2] == [D(2026, 11, 25), D(2026, 12, 30)]


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_one_due_date_for_each_cycle(save):
    """B3"""
    december = save().occurrences.get(scheduled_date=D(2026, 12, 15))
    december.pk, december.scheduled_date = None, D(2026, 12, 20)
    with pytest.raises(IntegrityError), transaction.atomic():
        december.save(force_insert=True)


def test_an_undone_payment_touches_nothing(save, pay, owner):
    """B4"""
    bill = save()
    payment = pay(bill, D(2026, 12, 15))
    services.delete_payments(actor=owner, payments=[payment])
    save(bill, expected_amount=Decimal("120.00"))
    assert bill.occurrences.get(scheduled_date=D(2026, 12, 15)).owed == Decimal("120.00")
    services.deactivate_bill(actor=owner, bill=bill, today=NOVEMBER_28)
    assert days(bill)[-1] == D(2026, 11, 15)
    assert services.restore_payments(actor=owner, payments=[payment]) == 0
    assert AuditEntry.objects.filter(action="payment.purged").count() == 1


def test_an_undone_payment_is_restored_on_the_new_date_of_its_cycle(save, pay, owner):
    """B4"""
    bill = save()
    payment = pay(bill, D(2026, 12, 15))
    services.delete_payments(actor=owner, payments=[payment])
    save(bill, start_date=D(2026, 1, 20), due_day=20)
    services.restore_payments(actor=owner, payments=[payment])
    paid = bill.occurrences.with_paid().get(scheduled_date=D(2026, 12, 20))
    assert paid.paid == Decimal("100.00")


def test_an_undone_payment_far_ahead_stays_when_the_amount_changes(save, owner, household):
    """B4"""
    bill = save()
    far = occurrence_on(Bill.objects.get(pk=bill.pk), D(2031, 5, 15))
    payment = services.record_payment(
        actor=owner, household=household, splits=[(far, Decimal("100"))], paid_on=TODAY, currency="USD"
    )
    services.delete_payments(actor=owner, payments=[payment])
    save(bill, expected_amount=Decimal("120.00"))
    assert days(bill)[-2:] == [D(2027, 12, 15), D(2031, 5, 15)]
    assert bill.occurrences.get(scheduled_date=D(2031, 5, 15)).owed == Decimal("120.00")
    assert services.restore_payments(actor=owner, payments=[payment]) == 1


@pytest.mark.parametrize(("past", "first"), [("keep", D(2026, 11, 5)), ("follow", D(2026, 3, 5))])
def test_a_first_date_moved_back_opens_the_past_if_asked(save, past, first):
    """B5"""
    bill = save(start_date=D(2026, 11, 5), tracked_from=D(2026, 1, 1))
    save(bill, start_date=D(2026, 3, 5), past=past)
    assert days(bill)[0] == first
    assert days(bill)[-1] == D(2027, 12, 5)


@pytest.mark.parametrize(("past", "last"), [("keep", D(2026, 11, 15)), ("follow", D(2026, 8, 15))])
def test_unpaid_dates_after_an_end_in_the_past_stay_or_go(save, pay, past, last):
    """B5"""
    bill = save()
    pay(bill, D(2026, 6, 15))
    save(bill, end_date=D(2026, 8, 31), past=past)
    assert days(bill)[-1] == last
    assert D(2026, 6, 15) in days(bill)


@pytest.mark.parametrize(("past", "first"), [("keep", D(2026, 1, 15)), ("follow", D(2026, 2, 15))])
def test_unpaid_dates_before_a_later_tracking_day_stay_or_go_and_paid_ones_stay(save, pay, past, first):
    """B5"""
    bill = save()
    pay(bill, D(2026, 2, 15))
    save(bill, tracked_from=D(2026, 10, 1), past=past)
    assert days(bill)[0] == first
    assert (D(2026, 9, 15) in days(bill)) == (past == "keep")


def test_a_pause_stays_empty_whatever_is_changed_later(save, owner):
    """B5"""
    bill = save(start_date=D(2026, 1, 15), today=D(2026, 1, 20))
    services.deactivate_bill(actor=owner, bill=bill, today=D(2026, 3, 1))
    services.activate_bill(actor=owner, bill=bill, today=D(2026, 9, 1))
    save(bill, start_date=D(2026, 1, 20), due_day=20, past="follow")
    assert days(bill)[:4] == [D(2026, 1, 20), D(2026, 2, 20), D(2026, 9, 20), D(2026, 10, 20)]


def test_a_due_date_moved_off_the_weekend_follows_as_long_as_it_is_ahead(save):
    """B3"""
    bill = save(start_date=D(2026, 8, 28), weekend_shift="after")
    save(bill, expected_amount=Decimal("120.00"), today=D(2026, 11, 29))
    november = bill.occurrences.get(scheduled_date=D(2026, 11, 28))
    assert (november.due_date, november.owed) == (D(2026, 11, 30), Decimal("120.00"))


def test_a_schedule_that_makes_thousands_of_past_dates_is_refused(save):
    """B14"""
    with pytest.raises(DomainError, match="1,000 due dates before today") as refusal:
        save(unit="week", start_date=D(1970, 1, 1))
    assert refusal.value.field == "tracked_from"
    assert not Bill.objects.exists()
    bill = save(unit="week", start_date=D(1970, 1, 1), tracked_from=TODAY)
    with pytest.raises(DomainError, match="Nothing was saved"):
        save(Bill.objects.get(pk=bill.pk), tracked_from=D(1970, 1, 1))


def test_a_payment_of_a_date_that_is_gone_is_refused(save, pay, owner, household):
    bill = save()
    december = bill.occurrences.get(scheduled_date=D(2026, 12, 15))
    save(bill, start_date=D(2026, 1, 20), due_day=20)
    old = Occurrence(pk=december.pk, bill=bill, scheduled_date=D(2026, 12, 15))
    with pytest.raises(DomainError, match="the due date is gone"):
        services.skip_occurrence(actor=owner, occurrence=old)
