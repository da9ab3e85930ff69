"""The tracker's whole job in a real browser: by keys alone, by touch on a phone, and without scripts."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from bills import services
from bills.models import Bill, Occurrence, Payment
from tests.browser.steps import let_settle, sign_in
from tests.factories import make_household, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
DAY = dt.date
expect.set_options(timeout=10_000)
BILLS = {"Electric": 12, "Gas": 15, "Rent": 20, "Water": 24}  # by day, as the month lists them


@pytest.fixture
def home(transactional_db, time_machine):
    """Four monthly bills of 100.00 on 21 November: two late, one late since yesterday, one due soon."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    home = make_household(owner := make_user())
    home.owner = owner
    for name, day in BILLS.items():
        start = DAY(2026, 11, day)
        bill = Bill(
            household=home,
            name=name,
            expected_amount=Decimal("100.00"),
            currency="USD",
            start_date=start,
            tracked_from=start,
        )
        services.save_bill(actor=owner, bill=bill)
    return home


@pytest.fixture
def page(live_server, page_wide, home):
    return opened(page_wide, live_server, home)


@pytest.fixture
def phone(live_server, page_phone, home):
    return opened(page_phone, live_server, home)


@pytest.fixture
def plain(live_server, new_page, home):
    """A page that runs no script."""
    return opened(new_page(java_script_enabled=False), live_server, home)


def opened(page, live_server, home):
    sign_in(page, live_server, home.owner)
    page.goto(live_server.url + "/tracker/2026/11/")
    return page


# --- looking ------------------------------------------------------------------------------------
def occurrence(name: str, month: int = 11) -> Occurrence:
    return Occurrence.objects.with_paid().get(bill__name=name, due_date__year=2026, due_date__month=month)


def row(page, name: str):
    return page.locator("tr[data-row]", has=page.get_by_role("link", name=name, exact=True))


def expect_state(page, name: str, words: str) -> None:
    expect(row(page, name).locator(".badge").first).to_have_text(words)


def expect_said(page, words: str) -> None:
    expect(page.locator("#messages .text").last).to_have_text(words)


# --- moving by keys -----------------------------------------------------------------------------
def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose(page, name: str) -> None:
    """Go to a row by j from wherever one is, once the page's scripts listen."""
    page.wait_for_load_state()
    for _ in range(len(BILLS) + 1):
        press(page, "j")
        if page.evaluate("document.activeElement.textContent") == name:
            return
    raise AssertionError(f"j does not reach {name}.")


def tab_to(page, locator) -> None:
    """Press Tab until the field has the focus, as a person without a mouse does."""
    for _ in range(60):
        if locator.evaluate("field => field === document.activeElement"):
            return
        press(page, "Tab")
    raise AssertionError("Tab does not reach it.")


def open_by_keys(page, name: str) -> None:
    choose(page, name)
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def write(page, label: str, text: str) -> None:
    field = page.get_by_label(re.compile(f"^{label}( optional)?$")).first
    tab_to(page, field)
    press(page, "Control+a")
    page.keyboard.type(text)


# --- by keys alone ------------------------------------------------------------------------------
def test_j_and_k_move_and_enter_opens(page):
    press(page, "j", "j", "j", "k")
    assert page.evaluate("document.activeElement.textContent") == "Gas"
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gas")


def test_p_pays_and_the_message_takes_it_back(page):
    choose(page, "Gas")
    press(page, "p")
    expect_state(page, "Gas", "Paid 21 Nov")
    expect_said(page, "Paid $100.00 for Gas.")
    assert occurrence("Gas").paid == 100
    tab_to(page, page.locator("[data-undo]"))
    press(page, "Enter")
    expect_state(page, "Gas", "Late")
    assert occurrence("Gas").paid == 0


def test_a_paid_row_is_undone_in_its_place_and_paid_again(page):
    choose(page, "Gas")
    press(page, "p")
    expect_state(page, "Gas", "Paid 21 Nov")
    tab_to(page, row(page, "Gas").get_by_role("button", name="Undo"))
    press(page, "Enter")
    expect_state(page, "Gas", "Late")
    press(page, "p")
    expect_state(page, "Gas", "Paid 21 Nov")
    assert [payment.deleted_at is None for payment in Payment.objects.order_by("pk")] == [False, True]


def test_s_skips_and_takes_back(page):
    choose(page, "Rent")
    press(page, "s")
    expect_state(page, "Rent", "Skipped")
    assert occurrence("Rent").is_skipped
    press(page, "s")
    expect_state(page, "Rent", "Late")
    assert not occurrence("Rent").is_skipped


def test_a_part_is_paid_through_the_form_and_p_pays_the_rest(page):
    open_by_keys(page, "Electric")
    write(page, "Amount", "40,50")
    tab_to(page, page.get_by_role("button", name="Record the payment"))
    press(page, "Enter")
    expect_said(page, "Paid $40.50 for Electric.")
    assert occurrence("Electric").paid == Decimal("40.50")
    tab_to(page, page.locator(".back"))
    press(page, "Enter")
    expect_state(page, "Electric", "$59.50 left")
    choose(page, "Electric")
    press(page, "p")
    expect_state(page, "Electric", "Paid 21 Nov")
    assert occurrence("Electric").paid == 100


def test_snooze_note_and_another_amount_are_set_on_the_page_of_a_due_date(page):
    open_by_keys(page, "Electric")
    write(page, "Amount this time", "84.20")
    press(page, "Enter")
    expect_said(page, "The amount is saved for this time.")
    tab_to(page, page.get_by_label("Note", exact=True))
    page.keyboard.type("They send a corrected one")
    press(page, "Enter")
    expect_said(page, "The note is saved.")
    tab_to(page, page.get_by_label("Snooze until"))
    page.keyboard.type("11272026")
    press(page, "Enter")
    expect_said(page, "Snoozed.")
    found = occurrence("Electric")
    assert (found.owed, found.note, found.snoozed_until) == (
        Decimal("84.20"), "They send a corrected one", DAY(2026, 11, 27)
    )  # fmt: skip
    tab_to(page, page.locator(".back"))
    press(page, "Enter")
    expect_state(page, "Electric", "Snoozed to 27 Nov")
    expect(row(page, "Electric")).to_contain_text("They send a corrected one")


def test_all_that_is_due_is_paid_at_once_and_undone_at_once(page):
    tab_to(page, page.get_by_role("button", name="Pay all 3 due"))
    press(page, "Enter")
    expect_said(page, "Paid 3 bills.")
    assert [occurrence(name).paid for name in BILLS] == [0, 100, 100, 100]
    tab_to(page, page.locator("[data-undo]"))
    press(page, "Enter")
    expect_said(page, "3 payments undone.")
    assert Payment.objects.live().count() == 0


def test_a_slash_leads_to_the_search_and_enter_filters(page):
    press(page, "/")
    page.keyboard.type("wat")
    press(page, "Enter")
    page.wait_for_url("**q=wat**")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.get_by_role("status").first).to_contain_text("1 of 4 shown")


def test_the_months_before_and_after_are_links(page):
    tab_to(page, page.get_by_role("link", name="Dec 2026"))
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("December 2026")
    tab_to(page, page.get_by_role("link", name="Nov 2026"))
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("November 2026")


def test_the_help_names_the_keys(page):
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Mark the row paid")
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_n_adds_a_bill_that_is_due_twice_a_month(page):
    press(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add bill")
    expect(page.get_by_label("Second day of the month")).to_be_hidden()
    write(page, "Name", "School lunch")
    write(page, "Amount", "12.50")
    tab_to(page, page.get_by_label("How often"))
    page.keyboard.type("Twice")
    write(page, "Second day of the month", "28")
    press(page, "Enter")
    expect_said(page, "School lunch is saved.")
    bill = Bill.objects.get(name="School lunch")
    assert (bill.unit, bill.second_due_day, bill.expected_amount) == ("twice_a_month", 28, Decimal("12.50"))


# --- by touch -----------------------------------------------------------------------------------
def tap(page, name: str, button: str) -> None:
    let_settle(page)
    row(page, name).get_by_role("button", name=re.compile(f"^{button}")).tap()


def test_a_phone_pays_undoes_skips_and_takes_back(phone):
    tap(phone, "Gas", "Pay")
    expect_state(phone, "Gas", "Paid 21 Nov")
    assert occurrence("Gas").paid == 100
    tap(phone, "Gas", "Undo")
    expect_state(phone, "Gas", "Late")
    tap(phone, "Gas", "Skip")
    expect_state(phone, "Gas", "Skipped")
    tap(phone, "Gas", "Take back")
    expect_state(phone, "Gas", "Late")
    assert (occurrence("Gas").paid, occurrence("Gas").is_skipped) == (0, False)


def test_a_phone_pays_all_that_is_due(phone):
    phone.get_by_role("button", name="Pay all 3 due").tap()
    expect_said(phone, "Paid 3 bills.")
    assert Payment.objects.live().count() == 3


def test_a_phone_records_a_part_a_note_another_amount_and_a_snooze(phone):
    phone.get_by_role("link", name="Electric").tap()
    phone.get_by_label("Amount", exact=True).fill("40.50")
    phone.get_by_role("button", name="Record the payment").tap()
    expect_said(phone, "Paid $40.50 for Electric.")
    for label, text, words, button in (
        ("Amount this time", "84.20", "The amount is saved for this time.", "Save the amount"),
        ("Note", "Estimated", "The note is saved.", "Save the note"),
        ("Snooze until", "2026-11-27", "Snoozed.", "Snooze"),
    ):
        phone.get_by_label(label, exact=True).last.fill(text)
        let_settle(phone)
        phone.get_by_role("button", name=button, exact=True).tap()
        expect_said(phone, words)
    found = occurrence("Electric")
    assert (found.paid, found.owed, found.note) == (Decimal("40.50"), Decimal("84.20"), "Estimated")
    assert found.snoozed_until == DAY(2026, 11, 27)


def test_a_phone_filters_searches_and_turns_the_month(phone):
    filters = phone.get_by_label("Show")
    expect(filters).to_be_hidden()
    phone.get_by_text("Filter", exact=True).tap()
    filters.select_option("paid")
    phone.get_by_role("button", name="Apply").tap()
    expect(phone.locator("tr[data-row]")).to_have_count(0)
    phone.get_by_role("link", name="Clear").tap()
    phone.get_by_label("Search bills").fill("rent")
    phone.keyboard.press("Enter")
    expect(phone.locator("tr[data-row]")).to_have_count(1)
    phone.get_by_role("link", name="Dec 2026").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("December 2026")


def test_a_phone_adds_a_bill(phone):
    phone.get_by_role("link", name="Add bill").tap()
    phone.get_by_label("Name", exact=True).fill("Gym")
    phone.get_by_label("Amount", exact=True).fill("24,99")
    phone.get_by_role("button", name="Save").tap()
    expect_said(phone, "Gym is saved.")
    assert Bill.objects.get(name="Gym").expected_amount == Decimal("24.99")


@pytest.mark.parametrize(
    "path", ["/tracker/2026/11/", "/bills/new/", "/bills/payments/split/", "/categories/"]
)
def test_what_a_finger_taps_is_44_px_high(live_server, phone, path):
    phone.goto(live_server.url + path)
    targets = (
        ":is(main .button, main .segments a, main input:not([type=hidden], [type=checkbox]), main select)"
    )
    for target in phone.locator(f"{targets}:visible").all():
        assert round(target.bounding_box()["height"]) >= 42, target.inner_text()


# --- without scripts ----------------------------------------------------------------------------
def click(page, name: str, button: str) -> None:
    row(page, name).get_by_role("button", name=re.compile(f"^{button}")).click()


def test_without_scripts_a_bill_is_paid_undone_skipped_and_taken_back(plain):
    click(plain, "Gas", "Pay")
    expect_said(plain, "Paid $100.00 for Gas.")
    expect_state(plain, "Gas", "Paid 21 Nov")
    assert occurrence("Gas").paid == 100
    click(plain, "Gas", "Undo")
    expect_state(plain, "Gas", "Late")
    click(plain, "Gas", "Skip")
    expect_state(plain, "Gas", "Skipped")
    plain.locator(".message").get_by_role("button", name="Undo").click()
    expect_state(plain, "Gas", "Late")
    assert (occurrence("Gas").paid, occurrence("Gas").is_skipped) == (0, False)


def test_without_scripts_the_month_is_filtered_and_stays_so_after_an_act(plain):
    plain.get_by_label("Show").select_option("overdue")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.locator("tr[data-row]")).to_have_count(3)
    click(plain, "Gas", "Pay")
    assert "show=overdue" in plain.url
    expect(plain.locator("tr[data-row]")).to_have_count(2)


def test_without_scripts_the_fields_of_a_schedule_follow_its_cycle(live_server, plain):
    plain.goto(live_server.url + "/bills/new/")
    every = plain.get_by_label("Every how many")
    expect(every).to_be_hidden()
    plain.get_by_label("How often").select_option("n_months")
    expect(every).to_be_visible()
