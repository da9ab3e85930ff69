"""Nothing moves under a pointer: the tracker, the review desk and the page of a payment, by mouse."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from billing import services as office_services
from billing.models import Sequence
from bills import services
from bills.models import Bill, Payment
from tests.browser.steps import let_settle, sign_in
from tests.factories import (
    make_client,
    make_draft,
    make_household,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
# What a person can point at, by what it is called, and where it is.
PLACES = """() => Object.fromEntries([...document.querySelectorAll("#main [data-row], #main h1, #main h2")]
  .map((part) => [part.id || part.textContent.trim(), part.getBoundingClientRect().top]))"""


@pytest.fixture
def tracker(live_server, page_wide, transactional_db, time_machine):
    """Four bills of this month and two of October that are late."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    home = make_household(owner := make_user())
    for day in (12, 15, 20, 24):
        start = dt.date(2026, 10 if day < 20 else 11, day)
        bill = Bill(household=home, name=f"Bill {day}", expected_amount=Decimal(100), currency="USD")
        bill.start_date = bill.tracked_from = start
        services.save_bill(actor=owner, bill=bill)
    sign_in(page_wide, live_server, owner)
    page_wide.goto(f"{live_server.url}/tracker/2026/11/")
    return page_wide


def places(page) -> dict[str, float]:
    return page.evaluate(PLACES)


def press(page, row: str, button: str) -> dict[str, float]:
    """Press the button with a pointer that stays where it is; return where everything was before."""
    let_settle(page)
    target = page.locator(row).get_by_role("button", name=button).first
    target.scroll_into_view_if_needed()
    box, before = target.bounding_box(), places(page)
    with page.expect_response(lambda answer: answer.request.method == "GET" and answer.status == 200):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#messages .message")
    return before


@pytest.mark.parametrize(
    "acts",
    [
        [("#row-month-{twenty}", "Pay"), ("#row-month-{twenty}", "Undo"), ("#row-month-{twenty}", "Skip")],
        [("#row-overdue-{twelve}", "Pay"), ("#row-overdue-{fifteen}", "Pay"), ("#row-month-{twenty}", "Pay")],
        [("#row-overdue-{twelve}", "Skip"), ("#row-overdue-{fifteen}", "Pay")],
    ],
)
def test_no_row_of_the_tracker_moves_by_a_pixel(tracker, acts):
    """P1: neither after an act on this month's rows nor when an overdue one is settled."""
    named = {
        word: tracker.locator(f"[id^=row-{part}]", has_text=f"Bill {day}")
        .get_attribute("id")
        .split("-", 2)[2]
        for word, part, day in (
            ("twenty", "month", 20),
            ("twelve", "overdue", 12),
            ("fifteen", "overdue", 15),
        )
    }
    for row, button in acts:
        before = press(tracker, row.format(**named), button)
        after = places(tracker)
        assert {name: top for name, top in after.items() if name in before} == {
            name: top for name, top in before.items() if name in after
        }
        assert {name for name in before if name.startswith("row-")} <= set(after)


@pytest.mark.parametrize("pause", [150, 300, 500])
def test_the_second_click_of_a_double_click_does_nothing(tracker, pause):
    """P1: it hit Undo, or another bill's button."""
    target = tracker.locator("[id^=row-overdue]").first.get_by_role("button", name="Pay").first
    box = target.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tracker.mouse.click(*middle)
    tracker.wait_for_timeout(pause)
    tracker.mouse.click(*middle)
    expect(tracker.locator("#messages .message")).to_have_count(1)
    tracker.wait_for_timeout(800)
    assert Payment.objects.live().count() == 1


def test_a_click_on_another_row_right_after_a_change_is_meant(tracker):
    """P1: only the place of the first click is guarded."""
    rows = tracker.locator("[id^=row-month]")
    first, second = (
        rows.filter(has_text=f"Bill {day}").get_by_role("button", name="Pay") for day in (15, 20)
    )
    second.first.scroll_into_view_if_needed()
    spots = [button.first.bounding_box() for button in (first, second)]
    for count, spot in enumerate(spots, start=1):
        tracker.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
        expect(tracker.locator("#messages .text")).to_contain_text(f"Bill {10 + 5 * count}")
    assert Payment.objects.live().count() == 2


@pytest.fixture
def office(transactional_db):
    for name in ("Biller", "Reviewer"):
        Group.objects.get_or_create(name=name)
    Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})
    make_office()


def test_the_review_desk_shows_the_next_statement_in_the_same_place(live_server, page_wide, office):
    """P1: and the second click does not issue it."""
    biller = make_office_user("Biller")
    drafts = [make_draft(make_client(name=f"Payer {at}")) for at in range(3)]
    for draft in drafts:
        office_services.submit_statement(actor=biller, statement=draft)
    sign_in(page_wide, live_server, make_office_user("Reviewer"))
    page_wide.goto(f"{live_server.url}/billing/review/")
    page_wide.wait_for_selector("[data-seen]")
    button = page_wide.get_by_role("button", name="Issue for")
    box = button.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page_wide.mouse.click(*middle)
    page_wide.wait_for_url(f"**/review/{drafts[1].pk}/")
    page_wide.mouse.click(*middle)
    page_wide.wait_for_selector("#messages .message")
    assert page_wide.get_by_role("button", name="Issue for").bounding_box() == box
    assert page_wide.url.endswith(f"/review/{drafts[1].pk}/")


def test_applying_a_payment_moves_nothing(live_server, page_wide, office):
    """P1: the form that was sent stays where it was, whatever has grown above it."""
    client = make_client()
    for _ in range(3):
        make_issued(client=client, amount="100.00")
    payment = make_payment(client, "250.00")
    sign_in(page_wide, live_server, make_office_user("Biller"))
    page_wide.goto(f"{live_server.url}/billing/payments/{payment.pk}/")
    amounts = page_wide.locator("#main input[type=text][name*=amount], #main input[name^=statement]")
    amounts.first.fill("40.00")
    section = page_wide.locator("#apply")
    button = page_wide.get_by_role("button", name="Apply").last
    button.scroll_into_view_if_needed()
    before = section.bounding_box()["y"]
    button.click()
    page_wide.wait_for_selector("#messages .message")
    # A page is scrolled by whole pixels.
    assert abs(section.bounding_box()["y"] - before) < 1
