"""axe finds nothing on forms that come back and on a file's way in; `test_every_page.py` walks the rest."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from bills import services
from bills.models import Bill
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.test_access import filled_in, names_of
from tests.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
FOLDER = Path(__file__).parent.parent / "data"
DAY = dt.date
# What is filled in before each form is sent as it is: something wrong, or nothing at all.
WRONG = {
    "/bills/new/": {"[name=expected_amount]": "a lot", "[name=debt_apr]": "9999"},
    "/bills/{bill}/2026-11-15/": {"[name=amount]": "0", "[name=note]": "kept"},
    "/bills/payments/split/": {"[name=paid_on]": ""},
    "/categories/": {"[name=name]": ""},
    "/data/import/payments/": {},
}


@pytest.fixture
def world(transactional_db, time_machine, settings, tmp_path):
    """The world of the access table, at noon of its day, with a bill in every state."""
    settings.DATA_DIR = tmp_path
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    world = make_world()
    add_a_bill_in_every_state(world)
    return world


def add_a_bill_in_every_state(world) -> None:
    owner = world.users["owner"]

    def due(name, day, **fields):
        bill = Bill(
            household=world.household,
            name=name,
            start_date=day,
            tracked_from=day,
            category=world.category,
            **{"expected_amount": Decimal("1284.00"), "currency": "USD", **fields},
        )
        services.save_bill(actor=owner, bill=bill)
        return bill.occurrences.get(scheduled_date=day)

    due("Ground rent of the house in the long street", DAY(2026, 9, 28))
    due("Internet", DAY(2026, 11, 5), is_autopay=True)
    due("Insurance", DAY(2026, 11, 24), currency="JPY", expected_amount=Decimal("40000"))
    services.skip_occurrence(actor=owner, occurrence=due("Lawn care", DAY(2026, 11, 27)))
    snoozed = due("Electric", DAY(2026, 11, 12))
    until, today = DAY(2026, 11, 27), DAY(2026, 11, 21)
    services.snooze_occurrence(actor=owner, occurrence=snoozed, until=until, today=today)
    services.set_note(actor=owner, occurrence=snoozed, note="They send a corrected one")
    for name, amount in (("Gas", "1284.00"), ("Water", "1300.00")):
        splits = [(due(name, DAY(2026, 11, 15)), Decimal(amount))]
        services.record_payment(
            actor=owner, household=world.household, splits=splits, paid_on=DAY(2026, 11, 16), currency="USD"
        )


def check(page) -> None:
    assert page.locator("h1").count() == 1, page.url
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def test_forms_that_come_back_have_no_fault(live_server, any_page, world):
    sign_in(any_page, live_server, world.users["owner"])
    for path, wrong in WRONG.items():
        any_page.goto(live_server.url + filled_in(path, names_of(world)))
        for field, value in wrong.items():
            any_page.locator(field).first.evaluate("(field, value) => { field.value = value }", value)
        with any_page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            # The browser would hold these forms back itself.
            any_page.locator("main form[method=post]:has(.field)").first.evaluate("form => form.submit()")
        assert sent.value.status == 422, path
        any_page.wait_for_selector(".errorlist")
        check(any_page)


def test_a_file_with_problems_and_duplicates_has_no_fault_on_its_way_in(live_server, any_page, world):
    sign_in(any_page, live_server, world.users["owner"])
    any_page.goto(f"{live_server.url}/data/import/bills/")
    any_page.set_input_files("[name=file]", FOLDER / "bills-household.csv")
    any_page.click("text=Read the file")
    any_page.wait_for_url("**/columns/")
    check(any_page)
    any_page.click("text=Preview all rows")
    any_page.wait_for_selector(".badge.bad")
    check(any_page)
    any_page.click("text=Apply the ticked rows")
    any_page.wait_for_selector("text=Take the whole file back")
    check(any_page)
