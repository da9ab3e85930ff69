"""The keys of every page, tried on the page of components."""

import pytest

from tests.browser.steps import assert_accessible, sign_in
from tests.factories import make_household, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.core.urls_design")]


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
    assert page.url.endswith("#e")


def test_n_leads_to_a_new_one(page):
    page.keyboard.press("n")
    assert page.url.endswith("#forms")


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


def test_the_skip_link_leads_to_the_content(page):
    page.keyboard.press("Tab")
    assert active(page, "href") == "#main"
    page.keyboard.press("Enter")
    assert active(page, "id") == "main"
