"""The office's forms have no fault when they come back."""

import pytest

from tests.browser.steps import sign_in
from tests.browser.test_accessibility import check, world  # noqa: F401
from tests.test_access import filled_in, names_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
WRONG = {
    "/billing/clients/new/": "[name=name]",
    "/billing/clients/{client}/engagements/new/": "[name=title]",
    "/billing/clients/{client}/contacts/new/": "[name=name]",
    "/billing/office/": "[name=name]",
}


def test_forms_of_the_office_that_come_back_have_no_fault(live_server, any_page, world):  # noqa: F811
    sign_in(any_page, live_server, world.users["office admin"])
    for path, field in WRONG.items():
        any_page.goto(live_server.url + filled_in(path, names_of(world)))
        any_page.locator(field).evaluate("field => { field.value = '' }")
        any_page.locator("main form[method=post]:has(.field)").first.evaluate("form => form.submit()")
        any_page.wait_for_selector(".errorlist")
        check(any_page)
