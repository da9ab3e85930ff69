"""The form of a bill: what is refused, and what a change of the schedule shows before it is saved."""

import datetime as dt

import pytest
from django.urls import reverse

from bills.models import Bill
from tests.bills.conftest import saved_bill

D = dt.date


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC))


@pytest.fixture
def bill(owner, household):
    return saved_bill(owner, household, today=D(2026, 11, 28))


@pytest.fixture
def send(client, owner, bill):
    """Send the bill's form with some fields changed; returns the response."""
    client.force_login(owner)

    def send(**changes):
        fields = {"name": "Rent", "expected_amount": "100.00", "currency": "USD", "cycle": "monthly",
                  "start_date": "2026-01-15", "due_day": "", "tracked_from": "2026-01-15",
                  "weekend_shift": "none"}  # fmt: skip
        return client.post(reverse("bills:bill_edit", args=[bill.pk]), fields | changes)

    return send


def test_a_change_that_moves_no_date_is_saved_at_once(send, bill):
    assert send(name="Flat", expected_amount="120.00").status_code == 302
    bill.refresh_from_db()
    assert bill.name == "Flat"


def test_a_change_of_the_schedule_is_shown_first_and_asks_about_unpaid_dates(send, bill):
    """B5"""
    change = {"start_date": "2026-01-20"}
    page = send(**change)
    preview = page.context["preview"]
    assert (page.status_code, preview.asks) == (200, True)
    assert preview.keep.going_dates[:2] == [D(2026, 12, 15), D(2027, 1, 15)]
    assert preview.keep.appearing_dates[:2] == [D(2026, 12, 20), D(2027, 1, 20)]
    assert preview.follow.going_dates[0] == D(2026, 1, 15)
    assert "Due dates before today: Leave them as they are" in page.content.decode()
    assert Bill.objects.get().start_date == D(2026, 1, 15)

    unanswered = send(**change, seen=preview.digest)
    assert (unanswered.status_code, list(unanswered.context["form"].errors)) == (422, ["past"])

    assert send(**change, seen=preview.digest, past="keep").status_code == 302
    dates = list(bill.occurrences.values_list("scheduled_date", flat=True)[10:13])
    assert dates == [D(2026, 11, 15), D(2026, 12, 20), D(2027, 1, 20)]


def test_what_was_confirmed_is_what_was_seen(send, bill):
    """B5: another change than the one that was shown is shown again."""
    seen = send(start_date="2026-01-20").context["preview"].digest
    again = send(start_date="2026-01-25", seen=seen, past="keep")
    assert again.status_code == 200
    assert Bill.objects.get().start_date == D(2026, 1, 15)


def test_nothing_is_asked_where_the_past_stays_anyway(send, bill):
    """B5"""
    page = send(end_date="2027-03-31")
    assert (page.status_code, page.context["preview"].asks) == (200, False)
    assert page.context["preview"].keep.going_dates[0] == D(2027, 4, 15)
    assert send(end_date="2027-03-31", seen=page.context["preview"].digest).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start_date": "2026-06-20", "cycle": "yearly", "due_day": "10"}, "start_date"),
        ({"end_date": "2025-12-31"}, "end_date"),
        ({"start_date": "9999-12-31", "due_day": "15"}, "start_date"),
        ({"tracked_from": "0001-01-01"}, "tracked_from"),
        ({"name": "\u200b"}, "name"),
        ({"cycle": "twice_a_month"}, "second_due_day"),
        ({"cycle": "twice_a_month", "second_due_day": "15"}, "second_due_day"),
        ({"expected_amount": "-1"}, "expected_amount"),
    ],
)
def test_a_bill_that_is_not_well_formed_comes_back_with_its_field(send, changes, field):
    """B6 B13 B15"""
    page = send(**changes)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
