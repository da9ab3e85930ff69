"""The API's own page: everything comes from this server, and what is tried there is really done."""

import pytest
from playwright.sync_api import expect

from bills.models import Category
from tests.browser.steps import sign_in
from tests.factories import make_household, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


def test_a_category_is_made_by_trying_it_out(live_server, page_wide):
    user = make_user()
    household = make_household(user)
    sign_in(page_wide, live_server, user)
    asked = []
    page_wide.on("request", lambda request: asked.append(request.url))
    page_wide.goto(f"{live_server.url}/api/docs/")
    operation = page_wide.locator(".opblock-post", has_text="/api/categories/").first
    operation.locator(".opblock-summary-control").click()
    operation.locator("text=Try it out").click()
    operation.locator("textarea").first.fill('{"name": "Tried out"}')
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("201")
    assert Category.objects.filter(household=household, name="Tried out").exists()
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
