"""The reviewer's desk in a browser: by keys, by touch, and without scripts."""

import pytest
from django.contrib.auth.models import Group

from billing import services
from billing.models import Sequence, Statement
from tests.browser.steps import let_settle, sign_in
from tests.factories import make_client, make_draft, make_office, make_office_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


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


def looked_at(page, draft) -> None:
    """Wait until the draft has been on the screen for its moment."""
    page.wait_for_selector(f"#draft-{draft.pk}[data-seen]")


def states(drafts) -> list[str]:
    return [Statement.objects.get(pk=draft.pk).state for draft in drafts]


def test_j_and_k_turn_a_issues_and_r_goes_to_the_comment(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.keyboard.press("k")
    page.wait_for_url(f"**/review/{drafts[0].pk}/")
    looked_at(page, drafts[0])
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.keyboard.press("r")
    page.keyboard.type("a fair fee, j")
    assert page.input_value("#id_return-comment") == "a fair fee, j"
    let_settle(page)
    page.click("text=Return it")
    page.wait_for_url(f"**/review/{drafts[2].pk}/")
    assert states(drafts) == ["issued", "draft", "in_review"]


def test_a_thumb_does_the_same(live_server, page_phone, drafts):
    page = opened(page_phone, live_server)
    looked_at(page, drafts[0])
    page.tap("text=Issue for")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.fill("#id_return-comment", "Fee")
    let_settle(page)
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


def test_a_second_quick_press_issues_no_draft_that_was_not_looked_at(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    looked_at(page, drafts[0])
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    # Each of these comes before the moment is over and begins it anew.
    for _ in range(8):
        page.keyboard.press("a")
        page.wait_for_timeout(150)
    assert states(drafts) == ["issued", "in_review", "in_review"]
    assert page.inner_text("[data-too-soon]") == "This draft came up only now: look at it, then press again."
    looked_at(page, drafts[1])
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{drafts[2].pk}/")
    assert states(drafts) == ["issued", "issued", "in_review"]


def test_two_presses_at_once_on_the_same_draft_are_one(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    looked_at(page, drafts[0])
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}))"
    page.evaluate(";".join([press] * 3))
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    assert states(drafts) == ["issued", "in_review", "in_review"]
    assert "is issued to Payer 0" in page.inner_text("#messages")
    assert page.locator(".message.error").count() == 0


def test_a_held_key_issues_one_draft(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    looked_at(page, drafts[0])
    page.keyboard.down("a")
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    looked_at(page, drafts[1])
    for _ in range(5):
        page.keyboard.down("a")
    page.keyboard.up("a")
    assert states(drafts) == ["issued", "in_review", "in_review"]


def test_a_double_click_issues_one_draft(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    looked_at(page, drafts[0])
    spot = page.locator("text=Issue for").bounding_box()
    page.mouse.click(spot["x"] + 20, spot["y"] + 10)
    page.wait_for_url(f"**/review/{drafts[1].pk}/")
    page.mouse.click(spot["x"] + 20, spot["y"] + 10)
    page.wait_for_timeout(200)
    assert states(drafts) == ["issued", "in_review", "in_review"]


def test_r_works_at_once_so_that_a_comment_never_becomes_keys(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    page.wait_for_function("document.documentElement.classList.contains('scripted')")
    page.keyboard.press("r")
    page.keyboard.type("a wrong fee", delay=100)
    assert page.input_value("#id_return-comment") == "a wrong fee"
    assert states(drafts) == ["in_review", "in_review", "in_review"]


def test_a_draft_that_changed_while_it_was_shown_is_not_issued(live_server, page_wide, drafts):
    page = opened(page_wide, live_server)
    looked_at(page, drafts[0])
    drafts[0].client.name = "Payer renamed"
    drafts[0].client.save()
    page.keyboard.press("a")
    page.wait_for_selector(".message.error")
    assert "changed since you saw it" in page.inner_text("#messages")
    assert "Payer renamed" in page.inner_text("#draft-title")
    assert states(drafts) == ["in_review", "in_review", "in_review"]
