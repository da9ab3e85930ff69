"""The bin is emptied after 30 days: what hangs on a bill goes with it, and no payment is cut in two."""

import datetime as dt
from decimal import Decimal

import pytest

from bills import services
from bills.models import Bill, Category, Occurrence, Payment, PaymentSplit
from billtracker.core import audit
from billtracker.core.models import AuditEntry
from notifications.models import Reminder
from opsstatus import cleanup_tasks
from tests.bills.conftest import saved_bill
from tests.factories import make_bill, make_category, make_household, make_user

pytestmark = pytest.mark.django_db
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
NOTHING = {"bills": 0, "due_dates": 0, "payments": 0, "categories": 0}


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def household(clock, owner):
    return make_household(owner)


def empty_bin() -> dict[str, int]:
    (outcome,) = cleanup_tasks.clean_up(actor=None, names=["bin"]).outcomes
    assert outcome.error == ""
    return dict(outcome.removed)


def delete(owner, *bills: Bill) -> None:
    for bill in bills:
        assert services.delete_bill(actor=owner, bill=bill)


def pay(owner, *bills: Bill) -> Payment:
    """Pay 10 on the first due date of each, in one payment."""
    splits = [(bill.occurrences.order_by("due_date")[0], Decimal(10)) for bill in bills]
    return services.record_payment(
        actor=owner,
        household=bills[0].household,
        splits=splits,
        paid_on=dt.date(2026, 11, 20),
        currency="USD",
    )


def test_a_bill_goes_30_days_after_it_was_deleted_with_all_that_hangs_on_it(clock, owner, household):
    old, young, live = (saved_bill(owner, household, name=name) for name in ("Old", "Young", "Live"))
    for bill in (old, young, live):
        pay(owner, bill)
    due_dates = old.occurrences.count()
    delete(owner, old)
    clock.shift(SECOND)
    delete(owner, young)
    clock.shift(30 * DAY - SECOND)
    assert empty_bin() == {"bills": 1, "due_dates": due_dates, "payments": 1, "categories": 0}
    assert set(Bill.objects.all()) == {young, live}
    assert set(Occurrence.objects.values_list("bill", flat=True)) == {young.pk, live.pk}
    assert set(PaymentSplit.objects.values_list("occurrence__bill", flat=True)) == {young.pk, live.pk}
    assert empty_bin() == NOTHING


def test_what_was_purged_is_in_the_audit_log_whose_chain_holds(clock, owner, household):
    bill, category = saved_bill(owner, household, name="Rent"), make_category(household, name="Homes")
    delete(owner, bill)
    services.delete_category(actor=owner, category=category)
    before = AuditEntry.objects.count()
    clock.shift(30 * DAY)
    empty_bin()
    entries = AuditEntry.objects.filter(scope=household.audit_scope).order_by("-position")[:2]
    assert [(entry.action, entry.target_name, entry.actor_name) for entry in entries] == [
        ("category.purged", "Homes", "server"), ("bill.purged", "Rent", "server"),
    ]  # fmt: skip
    assert AuditEntry.objects.count() == before + 2
    assert audit.verify() == []


def test_the_ledger_of_reminders_forgets_a_purged_bill(clock, owner, household):
    bill, other = saved_bill(owner, household), saved_bill(owner, household)
    for one in (bill, other):
        due = one.occurrences.order_by("due_date")[0]
        Reminder.objects.create(
            recipient="address:office@example.org",
            scope=household.audit_scope,
            stage="due",
            subject=f"occurrence:{one.pk}:{due.scheduled_date}",
            date=due.due_date,
            due_at=dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC),
        )
    delete(owner, bill)
    clock.shift(30 * DAY)
    empty_bin()
    assert Reminder.objects.get().subject.startswith(f"occurrence:{other.pk}:")


def test_a_category_goes_after_30_days_and_its_bills_have_none(clock, owner, household):
    old, young = make_category(household), make_category(household)
    bill = make_bill(household, category=old)
    services.delete_category(actor=owner, category=old)
    clock.shift(SECOND)
    services.delete_category(actor=owner, category=young)
    clock.shift(30 * DAY - SECOND)
    assert empty_bin() == {**NOTHING, "categories": 1}
    bill.refresh_from_db()
    assert bill.category is None
    assert Category.objects.get() == young


def test_a_bill_that_shares_a_payment_with_one_that_stays_is_kept_and_so_is_its_neighbour(
    clock, owner, household
):
    shares, neighbour, free, live = (saved_bill(owner, household) for _ in range(4))
    payments = [pay(owner, shares, live), pay(owner, shares, neighbour), pay(owner, free)]
    delete(owner, shares, neighbour, free)
    clock.shift(30 * DAY)
    assert (empty_bin()["bills"], set(Payment.objects.all())) == (1, set(payments[:2]))
    assert set(Bill.objects.all()) == {shares, neighbour, live}
    # Once the last of them goes, all of them do.
    delete(owner, live)
    clock.shift(30 * DAY)
    assert empty_bin()["bills"] == 3
    assert not Payment.objects.exists()


def test_a_payment_that_was_undone_long_ago_holds_no_bill_back(clock, owner, household):
    bill, live = saved_bill(owner, household), saved_bill(owner, household)
    payment = pay(owner, bill, live)
    delete(owner, bill)
    services.delete_payments(actor=owner, payments=[payment])
    clock.shift(30 * DAY)
    assert empty_bin()["payments"] == 1
    assert list(Bill.objects.all()) == [live]


def test_a_restored_bill_stays_with_its_payments(clock, owner, household):
    bill = saved_bill(owner, household)
    pay(owner, bill)
    delete(owner, bill)
    clock.shift(29 * DAY)
    services.restore_bill(actor=owner, bill=bill)
    clock.shift(2 * DAY)
    assert empty_bin() == NOTHING
    assert Payment.objects.count() == 1


def test_each_household_has_a_bin_of_its_own(clock, owner, household):
    other = make_household(owner)
    delete(owner, saved_bill(owner, household), saved_bill(owner, other))
    kept = saved_bill(owner, other)
    clock.shift(30 * DAY)
    assert empty_bin()["bills"] == 2
    assert list(Bill.objects.all()) == [kept]
    assert AuditEntry.objects.filter(action="bill.purged").values("scope").distinct().count() == 2


def test_a_bin_that_fails_half_way_leaves_the_household_whole(clock, owner, household, monkeypatch):
    bill = saved_bill(owner, household)
    pay(owner, bill)
    delete(owner, bill)
    clock.shift(30 * DAY)
    monkeypatch.setattr("bills.services.bin.forget_reminders", lambda **rest: 1 / 0)
    (outcome,) = cleanup_tasks.clean_up(actor=None, names=["bin"]).outcomes
    assert outcome.error == "ZeroDivisionError"
    assert (Bill.objects.count(), Payment.objects.count()) == (1, 1)
