"""Sign-in, profile and household in a real browser: no fault for axe, whole at 360 px, without scripts."""

import gzip

import pytest

from billtracker.accounts import services
from billtracker.accounts.sign_in import tokens
from billtracker.core.web.component_samples import sample_context
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import PASSWORD, make_household, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]

FOR_STRANGERS = [
    "/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-x/", "/accounts/password/reset/key/done/", "/accounts/inactive/",
    "/accounts/confirm-email/", "/accounts/confirm-email/nothing/", "/not/there/",
]  # fmt: skip
FOR_MEMBERS = [
    "/accounts/profile/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/",
    "/accounts/reauthenticate/", "/household/", "/household/new/", "/not/there/",
]  # fmt: skip


@pytest.fixture
def person():
    """Somebody with two households and a token."""
    user = make_user(first_name="Ada", last_name="Byron")
    make_household(user, name="The flat in the long street by the river")
    make_household(user, name="Office")
    tokens.make_token(user=user, scope="read", name="Home Assistant in the kitchen", days=30)
    return user


def check(page, url) -> None:
    page.goto(url)
    assert page.locator("h1").count() == 1
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def test_the_pages_for_strangers_have_no_fault(live_server, any_page):
    for path in FOR_STRANGERS:
        check(any_page, live_server.url + path)


def test_the_pages_for_members_have_no_fault(live_server, any_page, person):
    sign_in(any_page, live_server, person)
    for path in FOR_MEMBERS:
        check(any_page, live_server.url + path)


def test_the_set_up_page_has_no_fault(live_server, any_page, settings, tmp_path):
    (tmp_path / "db").mkdir()
    settings.DATA_DIR = tmp_path
    check(any_page, live_server.url + services.prepare_first_administrator())


@pytest.mark.urls("tests.core.urls_design")
def test_the_components_have_no_fault(live_server, any_page, person):
    sign_in(any_page, live_server, person)
    check(any_page, live_server.url + "/design/")
    assert any_page.locator(".badge").count() >= len(sample_context()["states"])


def test_errors_of_a_form_are_tied_to_their_fields(live_server, any_page, person):
    sign_in(any_page, live_server, person)
    any_page.goto(live_server.url + "/household/")
    any_page.fill("[name=time_zone]", "Mars/Base")
    any_page.click("text=Save")
    field = any_page.locator("[name=time_zone]")
    assert field.get_attribute("aria-invalid") == "true"
    error = any_page.locator(f"#{field.get_attribute('id')}_error")
    assert error.get_attribute("id") in field.get_attribute("aria-describedby")
    assert "Unknown time zone" in error.inner_text()
    assert_accessible(any_page)


def test_one_signs_in_and_out_on_a_phone_without_scripts(live_server, new_page):
    page = new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    user = make_user()
    page.goto(live_server.url)
    page.fill("[name=login]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.click("summary:has-text('More')")
    page.click(".sheet a:has-text('Profile')")
    assert page.locator("h1").inner_text() == "Profile"
    page.click("summary:has-text('More')")
    page.click(".sheet button:has-text('Sign out')")
    assert page.locator("h1").inner_text() == "Sign in"


def test_targets_on_a_phone_are_44_px_high(live_server, page_phone, person):
    sign_in(page_phone, live_server, person)
    page_phone.goto(live_server.url + "/household/")
    targets = ":is(main button, main input, main select, .bottom a, .bottom summary):visible"
    assert page_phone.locator(targets).count() > 10
    for target in page_phone.locator(targets).all():
        assert target.bounding_box()["height"] >= 44


def test_the_household_is_switched_from_the_persons_menu(live_server, page_wide, person):
    sign_in(page_wide, live_server, person)
    page_wide.goto(live_server.url + "/household/")
    page_wide.click(".person summary")
    page_wide.click(".person .menu-item:has-text('Office')")
    page_wide.goto(live_server.url + "/household/")
    assert page_wide.locator("h1").inner_text() == "Office"


def test_a_new_token_is_shown_once(live_server, page_wide, person):
    sign_in(page_wide, live_server, person)
    page_wide.goto(live_server.url + "/accounts/profile/")
    page_wide.locator("[name=name]").fill("Script")
    page_wide.click("text=Create a token")
    plain = page_wide.locator("[data-secret]").inner_text()
    assert tokens.find_token(plain).name == "Script"
    assert_accessible(page_wide)


def test_a_first_visit_weighs_less_than_100_kilobytes(live_server, page_wide, person):
    sizes = {}

    def weigh(response) -> None:
        sizes[response.url] = len(gzip.compress(response.body()))

    sign_in(page_wide, live_server, person)
    page_wide.on("response", weigh)
    page_wide.goto(live_server.url + "/household/", wait_until="networkidle")
    assert all(url.startswith(live_server.url) for url in sizes)
    assert sum(sizes.values()) < 100_000, sizes
