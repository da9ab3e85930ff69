"""What is counted over all households, and that it is only counted."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from bills import services, status
from bills.models import Bill
from billtracker.core.process.health import Fact
from tests.factories import make_household, make_user

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def month():
    """Six bills of two households in November, on the 21st."""
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False):
        owner = make_user()
        homes = [make_household(owner), make_household(owner)]
        days = {"late": 5, "paid": 6, "part": 7, "skipped": 8, "autopay": 9, "ahead": 28}
        due = {}
        for number, (name, day) in enumerate(days.items()):
            bill = Bill(
                household=homes[number % 2],
                name=name,
                expected_amount=Decimal(100),
                currency="USD",
                start_date=dt.date(2026, 11, day),
                tracked_from=dt.date(2026, 11, 1),
                is_autopay=name == "autopay",
            )
            services.save_bill(actor=owner, bill=bill)
            due[name] = bill.occurrences.get(scheduled_date=bill.start_date)
        for name, amount in {"paid": 100, "part": 40}.items():
            services.record_payment(
                actor=owner,
                household=due[name].bill.household,
                currency="USD",
                paid_on=TODAY,
                splits=[(due[name], Decimal(amount))],
            )
        due["skipped"].skipped_at = timezone.now()
        due["skipped"].save()
        yield due


def test_the_month_is_counted_over_all_households(month):
    assert status.measure() == {
        "active_bills": 6, "payments": 2, "month": "2026-11", "due": 6, "paid": 2, "overdue": 2, "skipped": 1,
    }  # fmt: skip


def test_what_is_in_the_bin_or_paused_is_not_counted(month):
    services.delete_bill(actor=None, bill=month["late"].bill)
    services.deactivate_bill(actor=None, bill=month["part"].bill)
    found = status.measure()
    assert (found["active_bills"], found["due"], found["overdue"]) == (4, 4, 0)


def test_the_sentence_holds_counts_alone(month):
    facts = {"bills": Fact(timezone.now(), status.measure())}
    told = " ".join(item.value for item in (*status.status_items(facts), *status.statistics(facts)))
    assert "6 due, 2 payments, 2 overdue, 1 skipped in 2026-11" in told
    assert "100" not in told
