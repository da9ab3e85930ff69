"""The reviewer's desk: what waits, what differs, and going on to the next."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import FeeStep, Statement
from billtracker.core.periods import Month
from tests.factories import make_client, make_draft, make_engagement, make_office, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
DESK = "/billing/review/"


@pytest.fixture
def biller():
    make_office()
    return make_office_user("Biller")


@pytest.fixture
def client(client, biller):
    client.force_login(make_office_user("Reviewer"))
    return client


def waiting(biller, count: int, called: str = "Client of desk") -> list[Statement]:
    drafts = [make_draft(make_client(name=f"{called} {at}")) for at in range(count)]
    return [services.submit_statement(actor=biller, statement=draft) for draft in drafts]


def press(client, draft: Statement, act: str = "issue", seen: str | None = None, **data):
    """Send one of the desk's forms as it is shown, or with another version."""
    if seen is None:
        seen = client.get(f"{DESK}{draft.pk}/").context["version"]
    return client.post(f"{DESK}{draft.pk}/{act}/", {"seen": seen, **data}, follow=True)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_an_empty_desk_says_so(client):
    assert "Nothing waits for review" in text_of(client.get(DESK))


def test_the_oldest_comes_first_and_after_an_issue_the_next_one(client, biller):
    first, second, third = waiting(biller, 3)
    page = client.get(DESK)
    assert page.context["draft"] == first
    assert (page.context["previous"], page.context["next"]) == (None, second.pk)
    page = press(client, first)
    assert page.context["draft"] == second
    assert "SOA-2026-0001 is issued to Client of desk 0" in text_of(page)
    page = press(client, second, "return", **{"return-comment": "Fee"})
    assert page.context["draft"] == third
    second.refresh_from_db()
    assert (second.state, second.return_comment) == ("draft", "Fee")


def test_a_return_without_a_comment_comes_back_with_the_draft(client, biller):
    [draft] = waiting(biller, 1)
    page = client.post(f"{DESK}{draft.pk}/return/", {"return-comment": " "})
    assert page.status_code == 422
    assert page.context["draft"] == draft
    assert page.context["form"].errors["comment"]


def test_what_waits_no_longer_gives_way_and_a_second_issue_takes_no_number(client, biller):
    first, second = waiting(biller, 2)
    seen = client.get(DESK).context["version"]
    press(client, first, seen=seen)
    page = press(client, first, seen=seen)
    assert page.context["draft"] == second
    assert "only a submitted draft is issued" in text_of(page)
    assert Statement.objects.numbered().count() == 1
    assert client.get(f"{DESK}{first.pk}/").url == DESK


def edited(biller, draft: Statement, price: str) -> None:
    """Return the draft, give it another price and submit it again."""
    services.return_statement(actor=make_office_user("Reviewer"), statement=draft, comment="Fee")
    line = services.LineInput("Audit", Decimal(price))
    services.save_draft(actor=biller, client=draft.client, statement=draft, lines=[line])
    services.submit_statement(actor=biller, statement=draft)


def test_what_changed_since_it_was_shown_is_not_issued_and_is_shown_again(client, biller):
    first, second = waiting(biller, 2)
    seen = client.get(DESK).context["version"]
    edited(biller, first, "9000.00")
    page = press(client, first, seen=seen)
    assert page.context["draft"] == first
    text = text_of(page)
    assert f"Draft {first.pk} changed since you saw it" in text
    assert "₱9,000.00" in text
    assert not Statement.objects.numbered().exists()
    # The version is of one draft: it issues no other.
    press(client, second, seen=seen)
    assert not Statement.objects.numbered().exists()
    press(client, first)
    assert [one.pk for one in Statement.objects.numbered()] == [first.pk]


def test_a_client_renamed_meanwhile_is_a_change_and_internal_notes_are_none(client, biller):
    [draft] = waiting(biller, 1)
    seen = client.get(DESK).context["version"]
    services.note_statement(actor=biller, statement=draft, notes="Called them")
    assert client.get(DESK).context["version"] == seen
    draft.client.name = "Another name"
    draft.client.save()
    assert "changed since you saw it" in text_of(press(client, draft, seen=seen))


def test_a_return_of_what_changed_keeps_the_comment(client, biller):
    [draft] = waiting(biller, 1)
    seen = client.get(DESK).context["version"]
    edited(biller, draft, "1.00")
    page = press(client, draft, "return", seen, **{"return-comment": "The fee is wrong"})
    assert page.status_code == 422
    assert "The fee is wrong</textarea>" in text_of(page)
    assert page.context["version"] != seen
    draft.refresh_from_db()
    assert draft.state == "in_review"


def test_a_form_that_carries_no_version_issues_nothing(client, biller):
    [draft] = waiting(biller, 1)
    client.post(f"{DESK}{draft.pk}/issue/")
    assert not Statement.objects.numbered().exists()


def test_a_queue_beyond_what_is_shown_says_how_long_it_is(client, biller, monkeypatch):
    monkeypatch.setattr("billing.reports.review.SHOWN", 2)
    drafts = waiting(biller, 4)
    text = text_of(client.get(DESK))
    assert "4 drafts wait" in text
    assert "The first 2 of 4, the oldest first" in text
    beyond = client.get(f"{DESK}{drafts[3].pk}/")
    assert (beyond.context["previous"], beyond.context["next"]) == (None, drafts[0].pk)


def test_who_submitted_it_sees_that_somebody_else_issues_it(client, biller):
    [draft] = waiting(biller, 1)
    both = make_office_user("Admin")
    services.return_statement(actor=both, statement=draft, comment="Mine")
    services.submit_statement(actor=both, statement=draft)
    client.force_login(both)
    text = text_of(client.get(DESK))
    assert "somebody else has to issue it" in text
    assert 'data-key="a"' not in text


def test_a_viewer_reads_the_desk_without_buttons(client, biller):
    waiting(biller, 1)
    client.force_login(make_office_user("Viewer"))
    page = client.get(DESK)
    assert 'data-key="' not in text_of(page)


def test_only_what_differs_from_the_month_before_is_shown(client, biller):
    engagement = make_engagement(make_client(currency="USD"), fee="2500.00", starts_on=dt.date(2026, 8, 1))
    FeeStep.objects.create(engagement=engagement, starts_on=dt.date(2026, 10, 1), amount=3000)
    said = {}
    for month in (8, 9, 10):
        services.run_cycle(actor=biller, month=Month(2026, month))
        draft = engagement.statements.get(period_start=dt.date(2026, month, 1))
        services.submit_statement(actor=biller, statement=draft)
        said[month] = [str(one) for one in client.get(f"{DESK}{draft.pk}/").context["differences"]]
    assert said[8] == ["The first statement of this engagement"]
    assert said[9] == []
    [fee] = said[10]
    assert fee.startswith("Fee of ")
    assert fee.endswith(": $2,500.00 → $3,000.00")


def test_a_long_queue_asks_no_more_often(client, biller):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(DESK).status_code == 200
        return len(seen)

    waiting(biller, 2)
    queries()
    few = queries()
    waiting(biller, 6, "Another")
    assert queries() == few
