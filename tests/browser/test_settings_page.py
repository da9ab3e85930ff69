"""The settings page in a real browser, with and without scripts, at both widths."""

import pytest

from billtracker.core import crypto
from billtracker.core.models import Setting
from billtracker.core.settings import runtime_settings
from tests.browser.conftest import PHONE
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


@pytest.fixture
def administrator():
    return make_user(is_superuser=True, is_staff=True)


@pytest.fixture
def without_scripts(new_page):
    return new_page(**PHONE, java_script_enabled=False)


def test_a_page_with_everything_wrong_has_no_fault(live_server, any_page, administrator, settings):
    runtime_settings.save(None, "smtp_password", "hush")
    Setting.objects.create(name="smtp_port", value="hand made")
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    sign_in(any_page, live_server, administrator)
    any_page.goto(f"{live_server.url}/admin/settings/")
    any_page.fill("[name=smtp_host]", "not a host")
    any_page.click("text=Save Mail")
    any_page.wait_for_selector(".errorlist")
    assert any_page.input_value("[name=smtp_host]") == "not a host"
    assert_accessible(any_page)
    assert_no_sideways_scrolling(any_page)


def test_mail_is_set_up_and_taken_back_without_scripts(live_server, without_scripts, administrator):
    page = without_scripts
    sign_in(page, live_server, administrator)
    page.goto(f"{live_server.url}/admin/status/")
    page.click("main >> text=Settings >> nth=0")
    page.fill("[name=smtp_password]", "hush")
    page.select_option("[name=smtp_security]", "ssl")
    page.fill("[name=smtp_host]", "mail.example.org")
    # Enter saves; it never presses a button that takes a value back.
    page.press("[name=smtp_host]", "Enter")
    assert "3 settings are saved" in page.locator("#messages").inner_text()
    assert "Set; type a new one to replace it" in page.locator("#mail").inner_text()
    assert page.input_value("[name=smtp_password]") == ""
    page.press("[name=smtp_host]", "Enter")
    assert "Nothing was changed." in page.locator("#messages").inner_text()
    page.get_by_role("button", name="Go back to the default: Encryption").click()
    assert "Encryption: the saved value is gone." in page.locator("#messages").inner_text()
    assert set(Setting.objects.values_list("name", flat=True)) == {"smtp_host", "smtp_password"}
