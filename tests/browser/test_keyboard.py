"""The keys of every page, tried on the page of components."""

from decimal import Decimal

import pytest

from bills import services
from bills.models import Bill
from tests.browser.steps import assert_accessible, sign_in
from tests.factories import make_household, make_user

pytestmark = [
    pytest.mark.engines("sqlite"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.core.urls_design"),
]


@pytest.fixture
def page(live_server, page_wide):
    user = make_user()
    make_household(user)
    sign_in(page_wide, live_server, user)
    page_wide.goto(live_server.url + "/design/")
    return page_wide


def active(page, attribute: str) -> str:
    return page.evaluate(f"document.activeElement.getAttribute('{attribute}')")


def test_a_question_mark_opens_the_help_and_escape_closes_it(page):
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_search_is_one_key_away(page, key):
    page.keyboard.press(key)
    assert active(page, "id") == "search"


def test_keys_are_letters_inside_a_field(page):
    page.keyboard.press("/")
    page.keyboard.type("njp?/")
    assert page.input_value("#search") == "njp?/"
    assert not page.locator("#keys").is_visible()


def test_j_and_k_move_between_rows_and_stop_at_the_ends(page):
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert rows.nth(1).evaluate("row => row.classList.contains('current')")
    for _ in range(5):
        page.keyboard.press("k")
    assert rows.nth(0).evaluate("row => row.classList.contains('current')")
    assert page.locator("[data-row].current").count() == 1


def test_enter_opens_the_row(page):
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/design/*#e")


def test_n_leads_to_a_new_one(page):
    page.keyboard.press("n")
    page.wait_for_url("**/design/*#forms")


def test_p_presses_the_rows_own_button_and_nothing_without_a_row(page):
    page.evaluate("document.addEventListener('click', e => { window.pressed = e.target.textContent })")
    page.keyboard.press("p")
    assert page.evaluate("window.pressed") is None
    page.keyboard.press("j")
    page.keyboard.press("p")
    assert page.evaluate("window.pressed") == "Pay"


def test_a_message_closes_and_offers_undo(page):
    message = page.locator(".message.undoable")
    assert message.locator("button:has-text('Undo')").is_visible()
    message.locator("[data-close-message]").click()
    assert page.locator(".message.undoable").count() == 0


def test_a_question_on_its_own_page_is_shown_as_a_dialog_and_can_be_left(page):
    page.click("a[data-dialog]")
    dialog = page.get_by_role("dialog", name="Sign out?")
    dialog.wait_for()
    assert_accessible(page)
    dialog.locator("[data-cancel]").click()
    dialog.wait_for(state="hidden")
    assert page.url.endswith("/design/")
    assert active(page, "data-dialog") == ""


def test_a_question_in_a_dialog_is_answered(page):
    page.click("a[data-dialog]")
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    page.wait_for_selector("h1:has-text('Sign in')")


def test_the_skip_link_leads_to_the_content(page):
    page.keyboard.press("Tab")
    assert active(page, "href") == "#main"
    page.keyboard.press("Enter")
    assert active(page, "id") == "main"


def test_after_paying_by_key_the_row_and_the_place_on_the_page_are_kept(live_server, page_phone):
    household = make_household(user := make_user())
    start = household.today.replace(day=1)
    for number in range(12):
        bill = Bill(
            household=household,
            name=f"Bill {number}",
            expected_amount=Decimal("20.00"),
            currency="USD",
            start_date=start,
            tracked_from=start,
        )
        services.save_bill(actor=user, bill=bill)
    sign_in(page_phone, live_server, user)
    page_phone.goto(live_server.url + "/tracker/")
    for _ in range(9):
        page_phone.keyboard.press("j")
    before = page_phone.evaluate("[document.querySelector('[data-row].current').id, scrollY]")
    assert before[1] > 0
    page_phone.keyboard.press("p")
    page_phone.wait_for_selector(".message.undoable")
    page_phone.wait_for_function("document.querySelector('[data-row].current')")
    after = page_phone.evaluate("[document.querySelector('[data-row].current').id, scrollY]")
    assert after == before
    assert page_phone.evaluate("document.activeElement.matches('[data-row].current a')")
    assert "Paid" in page_phone.locator("#announcer").inner_text()
