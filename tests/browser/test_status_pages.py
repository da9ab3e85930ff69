"""Status, jobs and errors in a real browser: no fault for axe, whole at 360 px, the report can be copied."""

import pytest

from opsstatus import services
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import make_job_run, make_recent_error, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]
PAGES = [
    "/admin/status/",
    "/admin/status/help/",
    "/admin/settings/",
    "/admin/jobs/",
    "/admin/jobs/?state=running",
    "/admin/errors/",
    "/admin/cleanup/",
    "/admin/errors/?show=all",
]


@pytest.fixture
def administrator():
    """An administrator of a server on which a few things went wrong."""
    services.store_fact("integrity", {"faults": 2})
    make_job_run(sentence="Made 3 occurrences.")
    make_job_run(
        name="billing.tasks.make_missing_documents",
        state="killed",
        error="The worker process that ran it is gone.",
    )
    make_recent_error(kind="FileNotFoundError", message="No such file or directory", count=1204)
    make_recent_error(resolved_at="2026-11-20T12:00:00Z")
    return make_user(is_superuser=True, is_staff=True)


def test_the_operators_pages_have_no_fault(live_server, any_page, administrator):
    sign_in(any_page, live_server, administrator)
    for path in PAGES:
        any_page.goto(live_server.url + path)
        assert any_page.locator("h1").count() == 1
        for details in any_page.locator("main details").all():
            details.locator("summary").click()
        assert_accessible(any_page)
        assert_no_sideways_scrolling(any_page)


def test_the_report_is_copied_or_selected(live_server, page_wide, administrator):
    sign_in(page_wide, live_server, administrator)
    page_wide.goto(live_server.url + "/admin/status/")
    page_wide.click("text=Report for support")
    page_wide.evaluate(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }"
    )
    page_wide.click("text=Copy report")
    page_wide.wait_for_selector("button:has-text('Copied')")
    copied = page_wide.evaluate("window.copied")
    assert copied == page_wide.locator("#report").text_content()
    assert "2 faults found" in copied


def test_one_gets_from_status_to_the_error_and_resolves_it(live_server, page_phone, administrator):
    sign_in(page_phone, live_server, administrator)
    page_phone.goto(live_server.url + "/admin/status/")
    page_phone.locator("main a[href^='/admin/errors/#']").first.click()
    page_phone.click("button:has-text('Resolve')")
    assert "The error is resolved." in page_phone.locator("#messages").inner_text()
    assert "No errors" in page_phone.locator("main").inner_text()
