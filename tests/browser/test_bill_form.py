"""A bill's form in a real browser: a change of the schedule is reviewed, answered and saved."""

import datetime as dt
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from bills import services
from bills.models import Bill
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import make_household, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
D = dt.date


@pytest.fixture
def bill(transactional_db, time_machine):
    """Rent, due on the 15th since January, nothing paid, on 28 November 2026."""
    time_machine.move_to(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC))
    home = make_household(make_user())
    start = D(2026, 1, 15)
    fields = {"expected_amount": Decimal("1850.00"), "currency": "USD", "start_date": start}
    rent = Bill(household=home, name="Rent", tracked_from=start, **fields)
    return services.save_bill(actor=home.memberships.get().user, bill=rent)


def test_a_change_of_the_schedule_is_reviewed_and_answered(live_server, any_page, bill):
    """B5"""
    page = any_page
    sign_in(page, live_server, bill.household.memberships.get().user)
    page.goto(f"{live_server.url}/bills/{bill.pk}/edit/")
    page.get_by_label("First due date").fill("2026-01-20")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Review the due dates")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.get_by_label("Change them too").check()
    page.get_by_role("button", name="Save changes").first.click()
    expect(page.get_by_text("Rent is saved.")).to_be_visible()
    assert bill.occurrences.earliest("scheduled_date").scheduled_date == D(2026, 1, 20)
