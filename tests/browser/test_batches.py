"""A batch in a browser: marked, put in another order, issued; no step has a fault, and none needs scripts."""

import pytest
from django.contrib.auth.models import Group

from billing import services
from billing.models import Sequence, Statement
from tests.browser.conftest import PHONE
from tests.browser.steps import let_settle, sign_in
from tests.browser.test_accessibility import check
from tests.factories import make_client, make_draft, make_office, make_office_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


@pytest.fixture
def drafts(transactional_db):
    # Whoever ran before left the tables empty.
    for name in ("Biller", "Reviewer"):
        Group.objects.get_or_create(name=name)
    Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})
    make_office()
    names = ("Abad", "Bayani", "The Honourable Society of Very Long Names and Hardware of Southern Luzon")
    return [make_draft(make_client(name=name)) for name in names]


def submitted(drafts) -> list[Statement]:
    biller = make_office_user("Biller")
    return [services.submit_statement(actor=biller, statement=draft) for draft in drafts]


def numbers(drafts) -> list[str | None]:
    return [Statement.objects.get(pk=draft.pk).number for draft in drafts]


def test_no_step_of_a_batch_has_a_fault(live_server, any_page, drafts):
    page, reviewer = any_page, make_office_user("Reviewer")
    first, second, own = drafts
    submitted([first, second])
    services.submit_statement(actor=reviewer, statement=own)
    sign_in(page, live_server, reviewer)
    page.goto(f"{live_server.url}/billing/statements/?state=in_review")
    check(page)
    page.click("text=Mark all on this page")
    let_settle(page)
    page.click("text=Issue the marked ones")
    page.wait_for_selector("text=expected, not reserved")
    check(page)
    page.fill(f"#id_place-{second.pk}", "-1")
    let_settle(page)
    page.click("text=Issue 2 statements for good")
    page.wait_for_selector(".errorlist")
    check(page)
    page.fill(f"#id_place-{second.pk}", "1")
    let_settle(page)
    page.click("text=Issue 2 statements for good")
    page.wait_for_selector("text=The order or the day is another one")
    assert numbers(drafts) == [None, None, None]
    let_settle(page)
    page.click("text=Issue 2 statements for good")
    page.wait_for_selector("text=2 statements are issued.")
    check(page)
    assert numbers(drafts) == ["SOA-2026-0002", "SOA-2026-0001", None]


def test_a_month_is_submitted_and_issued_on_a_phone_without_scripts(live_server, new_page, drafts):
    page = new_page(**PHONE, java_script_enabled=False)
    sign_in(page, live_server, make_office_user("Biller"))
    page.goto(f"{live_server.url}/billing/statements/?state=draft")
    page.tap("text=Mark all on this page")
    let_settle(page)
    page.tap("text=Submit the marked ones")
    page.wait_for_selector("text=3 drafts wait for their review.")
    sign_in(page, live_server, make_office_user("Reviewer"))
    page.goto(f"{live_server.url}/billing/statements/?state=in_review")
    for draft in drafts[1:]:
        page.check(f"input[name=draft][value='{draft.pk}']")
    let_settle(page)
    page.tap("text=Issue the marked ones")
    let_settle(page)
    page.tap("text=Issue 2 statements for good")
    page.wait_for_selector("text=2 statements are issued.")
    assert [bool(number) for number in numbers(drafts)] == [False, True, True]
