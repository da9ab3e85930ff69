"""Creating and changing bills makes the right occurrences and leaves the past alone."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest

from bills import services
from bills.models import Bill, Category
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.bills.conftest import TODAY, saved_bill
from tests.factories import make_category, make_household

D = dt.date


@pytest.fixture
def save(owner, household):
    return partial(saved_bill, owner, household)


def days(bill):
    return list(bill.occurrences.order_by("scheduled_date").values_list("scheduled_date", flat=True))


def test_a_new_bill_has_occurrences_from_its_start_to_13_months_ahead(save):
    bill = save()
    assert days(bill)[0] == D(2026, 1, 15)
    assert days(bill)[-1] == D(2027, 12, 15)
    assert len(days(bill)) == 24
    assert bill.made_until == D(2027, 12, 21)


def test_due_dates_before_the_tracked_day_are_not_made(save):
    bill = save(start_date=D(2016, 1, 31), tracked_from=D(2026, 11, 1))
    assert days(bill)[:2] == [D(2026, 11, 30), D(2026, 12, 31)]


def test_making_again_makes_nothing(save, household):
    save()
    assert services.make_due_occurrences(household=household, today=TODAY) == 0


def test_ten_days_of_downtime_across_a_month_end_are_caught_up_once(save, household):
    bill = save(unit="week", start_date=D(2026, 1, 5), today=D(2026, 11, 25))
    before = days(bill)
    made = services.make_due_occurrences(household=household, today=D(2026, 12, 5))
    assert days(bill) == [D(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(len(before) + made)]
    assert days(bill)[-1] == D(2028, 1, 3)
    assert services.make_due_occurrences(household=household, today=D(2026, 12, 5)) == 0


def test_a_new_amount_counts_from_today_on(save):
    bill = save(start_date=D(2026, 1, 21))
    save(bill, expected_amount=Decimal("120.00"))
    amounts = dict(bill.occurrences.values_list("scheduled_date", "expected_amount"))
    assert amounts[D(2026, 10, 21)] == Decimal("100.00")
    assert amounts[D(2026, 11, 21)] == Decimal("120.00")
    assert amounts[D(2027, 11, 21)] == Decimal("120.00")


def test_a_change_leaves_a_touched_future_occurrence_as_it_is(save, owner, household):
    bill = save()
    december = bill.occurrences.get(scheduled_date=D(2026, 12, 15))
    services.record_payment(
        actor=owner, household=household, splits=[(december, Decimal("100"))], paid_on=TODAY, currency="USD"
    )
    save(bill, start_date=D(2026, 1, 20), due_day=20, expected_amount=Decimal("150.00"))
    assert days(bill)[10:14] == [D(2026, 11, 15), D(2026, 12, 15), D(2027, 1, 20), D(2027, 2, 20)]
    december.refresh_from_db()
    assert december.expected_amount == Decimal("100.00")


def test_a_change_after_long_downtime_keeps_what_came_due_under_the_old_rule(save):
    bill = save(today=D(2024, 1, 1), start_date=D(2024, 1, 15))
    save(bill, expected_amount=Decimal("120.00"), today=D(2026, 11, 21))
    amounts = dict(bill.occurrences.values_list("scheduled_date", "expected_amount"))
    assert len(amounts) == 48
    assert amounts[D(2026, 11, 15)] == Decimal("100.00")
    assert amounts[D(2026, 12, 15)] == Decimal("120.00")


def test_turning_autopay_on_does_not_make_the_missed_past_look_paid(save):
    bill = save()
    save(bill, is_autopay=True)
    assert not bill.occurrences.filter(scheduled_date__lt=TODAY, is_autopay=True).exists()
    assert bill.occurrences.filter(scheduled_date__gte=TODAY, is_autopay=True).count() == 13


def test_tracking_from_an_earlier_day_adds_the_past_it_opens(save):
    bill = save(start_date=D(2020, 1, 31), tracked_from=D(2026, 11, 1))
    save(bill, tracked_from=D(2026, 9, 1), past="follow")
    assert days(bill)[:3] == [D(2026, 9, 30), D(2026, 10, 31), D(2026, 11, 30)]


def test_a_paused_bill_keeps_its_past_and_comes_back_without_the_gap(save, owner):
    bill = save()
    services.deactivate_bill(actor=owner, bill=bill, today=TODAY)
    assert days(bill)[-1] == D(2026, 11, 15)
    services.activate_bill(actor=owner, bill=bill, today=D(2027, 2, 1))
    assert days(bill)[10:13] == [D(2026, 11, 15), D(2027, 2, 15), D(2027, 3, 15)]


def test_a_deleted_bill_comes_back_from_the_bin_as_it_was(save, owner):
    bill = save()
    before = days(bill)
    assert services.delete_bill(actor=owner, bill=bill)
    assert not services.delete_bill(actor=owner, bill=bill)
    assert services.restore_bill(actor=owner, bill=bill)
    assert days(bill) == before


def test_a_form_of_a_bill_deleted_meanwhile_is_refused(save, owner):
    bill = save()
    services.delete_bill(actor=owner, bill=Bill.objects.get(pk=bill.pk))
    with pytest.raises(DomainError, match="deleted meanwhile"):
        save(bill, name="Other")


def test_a_category_of_another_household_is_refused(save):
    with pytest.raises(DomainError, match="no such category"):
        save(category=make_category(make_household()))


def test_an_amount_finer_than_the_currency_is_refused(save):
    with pytest.raises(DomainError, match="decimal places"):
        save(expected_amount=Decimal("10.5"), currency="JPY")


def test_saving_without_a_change_writes_no_audit_entry(save):
    bill = save()
    before = AuditEntry.objects.count()
    save(Bill.objects.get(pk=bill.pk))
    assert AuditEntry.objects.count() == before


def test_a_category_name_counts_once_in_any_capitals(owner, household):
    services.save_category(actor=owner, category=Category(household=household, name="  Housing "))
    with pytest.raises(DomainError, match="already"):
        services.save_category(actor=owner, category=Category(household=household, name="housing"))
