"""The page shown during a restore has no fault, and opens what was wanted once it is over."""

import pytest
from playwright.sync_api import expect

from billtracker.core.data import data_lock
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


def test_who_waits_for_a_restore_gets_in_without_doing_anything(live_server, any_page, settings, tmp_path):
    (tmp_path / "db").mkdir()
    settings.DATA_DIR = tmp_path
    with data_lock.exclusive(10):
        any_page.goto(f"{live_server.url}/accounts/login/")
        expect(any_page.locator("h1")).to_have_text("Back in a moment")
        assert_accessible(any_page)
        assert_no_sideways_scrolling(any_page)
    expect(any_page.locator("[name=password]")).to_be_visible(timeout=15_000)
