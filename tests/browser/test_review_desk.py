"""The reviewer's desk in a browser: by keys, by touch, and without scripts."""

import pytest
from django.contrib.auth.models import Group

from billing import services
from billing.models import Sequence, Statement
from tests.browser.steps import sign_in
from tests.factories import make_client, make_draft, make_office, make_office_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drafts(transactional_db):
    # Whoever ran before left the tables empty.
    for name in ("Biller", "Reviewer"):
        Group.objects.get_or_create(name=name)
    Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})
    make_office()
    biller = make_office_user("Biller")
    made = [make_draft(make_client(name=f"Payer {at}")) for at in range(3)]
    return [services.submit_statement(actor=biller, statement=draft) for draft in made]


def opened(page, live_server):
    sign_in(page, live_server, make_office_user("Reviewer"))
    page.goto(f"{live_server.url}/billing/review/")
    return page


def states(drafts) -> list[str]:
    return [Statement.objects.get(pk=draft.pk).state for draft in drafts]


def test_j_and_k_turn_a_issues_and_r_goes_to_the_comment(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.keyboard.press("k")
    page.wait_for_url(f"**/review/{drafts[0].pk}/")
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.keyboard.press("r")
    page.keyboard.type("a fair fee, j")
    assert page.input_value("#id_return-comment") == "a fair fee, j"
    page.click("text=Return it")
    page.wait_for_url(f"**/review/{drafts[2].pk}/")
    assert states(drafts) == ["issued", "draft", "in_review"]


def test_a_thumb_does_the_same(live_server, page_phone, drafts):
    page = opened(page_phone, live_server)
    page.tap("text=Issue for")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.fill("#id_return-comment", "Fee")
    page.tap("text=Return it")
    page.wait_for_url(f"**/review/{drafts[2].pk}/")
    assert states(drafts) == ["issued", "draft", "in_review"]


def test_it_works_without_scripts(live_server, new_page, drafts):
    page = opened(new_page(java_script_enabled=False), live_server)
    page.click("text=Next")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.click("text=Issue for")
    page.wait_for_url(f"**/review/{drafts[2].pk}/")
    assert states(drafts) == ["in_review", "issued", "in_review"]
