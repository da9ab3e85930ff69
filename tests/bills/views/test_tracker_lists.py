"""Long lists and narrowed ones, and rows whose amount nobody knows yet."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.urls import reverse

from bills.reports.unpaid import overdue_before
from tests.bills.conftest import TODAY, saved_bill

D = dt.date
MONTH = "/tracker/2026/11/"


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))


@pytest.fixture
def page(client, owner, household):
    client.force_login(owner)
    return lambda path: client.get(path).content.decode()


@pytest.fixture
def water(owner, household):
    """A bill of a differing amount that nobody knows yet, due on 15 November."""
    return saved_bill(
        owner,
        household,
        name="Water",
        is_variable=True,
        expected_amount=Decimal("0"),
        start_date=D(2026, 11, 15),
    )


# --- search --------------------------------------------------------------------------------------
def test_a_search_leaves_only_rows_and_groups_that_match(page, owner, household):
    """P5"""
    saved_bill(owner, household, name="Rent", start_date=D(2026, 9, 3))
    saved_bill(owner, household, name="Gas", start_date=D(2026, 11, 20))
    everything = page(MONTH)
    assert "Overdue from earlier months" in everything
    assert everything.count('aria-labelledby="period-') == 2
    gas = page(f"{MONTH}?q=gas")
    assert "Overdue from earlier months" not in gas
    assert gas.count('aria-labelledby="period-') == 1
    rent = page(f"{MONTH}?q=rent")
    assert "Overdue from earlier months: 2 bills" in " ".join(rent.split())
    nothing = page(f"{MONTH}?q=zzz")
    assert "period-" not in nothing
    assert "No matching bills this month" in nothing


# --- long lists ----------------------------------------------------------------------------------
def test_the_overdue_panel_and_the_split_page_come_in_pages(page, client, owner, household):
    """B14"""
    bill = saved_bill(owner, household, unit="week", start_date=D(2024, 1, 5))
    late = len(overdue_before(household, D(2026, 11, 1), TODAY))
    assert late > 100
    first = page(MONTH)
    assert first.count('id="row-overdue-') == 50
    assert f"1 to 50 of {late}" in first
    assert page(f"{MONTH}?page=3").count('id="row-overdue-') == late - 100
    split = reverse("bills:split_payment")
    assert page(split).count('name="part_') == 50
    second = client.get(f"{split}?page=2")
    name = next(iter(second.context["form"].rows))
    sent = {"paid_on": "2026-11-21", "key": "k1", name: "10.00"}
    assert client.post(f"{split}?page=2", sent).status_code == 302
    assert bill.occurrences.with_paid().filter(paid=Decimal("10.00")).count() == 1


def test_the_api_gives_the_oldest_hundred_and_all_by_pages(client, owner, household):
    """B14"""
    saved_bill(owner, household, unit="week", start_date=D(2024, 1, 5))
    client.force_login(owner)
    month = client.get("/api/tracker/2026/11/").json()
    assert (len(month["overdue"]), month["overdue_count"]) == (100, 148)
    overdue = client.get("/api/overdue/?page_size=200").json()
    assert (overdue["count"], len(overdue["items"])) == (151, 151)


# --- amounts that nobody knows yet ---------------------------------------------------------------
def test_an_unknown_amount_is_late_in_no_total_and_has_nothing_to_pay_by_one_click(page, water):
    """B7"""
    tracker = page(MONTH)
    assert "Amount not known yet" in tracker
    assert "1 without an amount yet" in tracker
    assert "pay-full/" not in tracker
    assert "Pay the one due" not in tracker
    assert "Not known yet" in page(reverse("bills:occurrence", args=[water.pk, D(2026, 11, 15)]))
    for path in ("bill", "split_payment"):
        address = reverse(f"bills:{path}", args=[water.pk] if path == "bill" else [])
        assert "not known" in page(address)


def test_an_unknown_amount_is_overdue_also_on_autopay(owner, household, water):
    """B7"""
    saved_bill(owner, household, water, is_autopay=True, today=D(2026, 11, 10))
    (row,) = overdue_before(household, TODAY, TODAY)
    assert (row.standing.state, row.standing.urgency, row.left) == ("amount_unknown", "late", 0)


def test_an_unknown_amount_leaves_as_an_empty_cell_and_says_so_in_the_api(client, page, water):
    """B7"""
    (row,) = csv.DictReader(io.StringIO(page(f"{MONTH}csv/").lstrip("\ufeff")))
    assert (row["state"], row["owed"], row["left"]) == ("amount_unknown", "", "")
    month = client.get("/api/tracker/2026/11/").json()
    (total,) = month["totals"]
    assert (total["expected"], total["count"], total["unknown_count"]) == ("0.00", 0, 1)
    assert month["periods"][1]["items"][0]["state"] == "amount_unknown"


def test_a_payment_makes_an_unknown_amount_known_and_its_undo_unknown_again(client, page, water):
    """B7"""
    split = {"bill": water.pk, "scheduled_date": "2026-11-15", "amount": "83.20"}
    body = {"splits": [split], "currency": "USD", "paid_on": "2026-11-20"}
    page(MONTH)
    made = client.post("/api/payments/", body, content_type="application/json").json()
    path = f"/api/bills/{water.pk}/occurrences/2026-11-15/"
    paid = client.get(path).json()
    assert (paid["state"], paid["owed"], paid["left"]) == ("paid", "83.20", "0.00")
    assert client.get("/api/tracker/2026/11/").json()["totals"][0]["expected"] == "83.20"
    client.delete(f"/api/payments/{made['id']}/")
    assert client.get(path).json()["state"] == "amount_unknown"
