"""Entries are bounded and sums are not: a household's totals, and a statement that prints a large balance."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from tests.bills.conftest import saved_bill
from tests.factories import make_client, make_draft, make_household, make_office, make_office_user, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 28, 4, tzinfo=dt.UTC)),
]
LARGEST = Decimal("99999999999.99")


def test_a_households_totals_are_larger_than_any_of_its_bills(client):
    """O1"""
    owner = make_user()
    household = make_household(owner)
    for name in ("Castle", "Fleet"):
        saved_bill(owner, household, name=name, expected_amount=LARGEST, start_date=dt.date(2026, 11, 5))
    client.force_login(owner)
    page = client.get("/tracker/2026/11/")
    assert "199,999,999,999.98" in page.content.decode()
    for address in ("/tracker/2026/11/csv/", "/bills/", "/api/tracker/2026/11/"):
        assert client.get(address, follow=True).status_code == 200, address


def test_a_client_that_owes_more_than_any_entry_is_billed_again():
    """O1: the second statement prints what is owed before it and with it."""
    make_office(shows_account=True, requires_second_person=False)
    admin, payer = make_office_user("Admin"), make_client(currency="IDR")
    for _ in range(3):
        draft = make_draft(payer, "60000000000.00", created_by=admin)
        services.submit_statement(actor=admin, statement=draft)
        issued = services.issue_statement(actor=admin, statement=draft)
    assert issued.snapshot["account"]["with_this_shown"] == "180,000,000,000.00"
