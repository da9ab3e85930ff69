"""A batch: marked in the list, shown in its order with expected numbers, issued with a result for each."""

import datetime as dt

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import services
from billing.models import Counter, Period, PeriodException, Statement
from billtracker.core import audit
from tests.factories import make_client, make_draft, make_office, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
URL = "/billing/statements/issue/"


@pytest.fixture
def biller():
    make_office()
    return make_office_user("Biller")


@pytest.fixture
def reviewer(biller):
    return make_office_user("Reviewer")


@pytest.fixture
def client(client, reviewer):
    client.force_login(reviewer)
    return client


def waiting(biller, count: int, amount: str = "1000.00", **fields) -> list[Statement]:
    drafts = [make_draft(make_client(name=f"Payer {at}"), amount, **fields) for at in range(count)]
    return [services.submit_statement(actor=biller, statement=draft) for draft in drafts]


def address_of(drafts) -> str:
    return f"{URL}?" + "&".join(f"draft={draft.pk}" for draft in drafts)


def form_of(page, **changes) -> dict:
    """Return what the confirm page would send, with what a person changed in it."""
    rows = page.context["rows"]
    fields = {"shown_day": page.context["shown_day"], "issue_date": page.context["shown_day"]}
    fields["today"] = page.context["today"]
    fields["draft"] = [str(one.statement.pk) for one, _ in rows]
    for at, (one, _) in enumerate(rows, start=1):
        fields |= {f"seen-{one.statement.pk}": one.version, f"place-{one.statement.pk}": str(at)}
    return fields | changes


def numbers_of(page) -> list[str]:
    return [result.number for result in page.context["results"]]


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_those_in_review_are_marked_in_the_list_in_the_order_in_which_they_wait(client, biller):
    drafts = waiting(biller, 3)
    page = client.get("/billing/statements/?state=in_review")
    assert list(page.context["page"]) == drafts
    assert text_of(page).count('type="checkbox" name="draft"') == 3
    assert " checked" not in text_of(page)
    all_marked = client.get("/billing/statements/?state=in_review&marked=all")
    assert text_of(all_marked).count(" checked>") == 3
    assert 'name="draft"' not in text_of(client.get("/billing/statements/"))
    client.force_login(biller)
    assert 'name="draft"' not in text_of(client.get("/billing/statements/?state=in_review"))


def test_the_page_names_each_in_its_order_with_the_number_that_it_would_get(client, biller):
    first, second, third = waiting(biller, 3)
    page = client.get(address_of([third, first, second]))
    assert [(one.statement.client.name, one.number) for one, _ in page.context["rows"]] == [
        ("Payer 2", "SOA-2026-0001"), ("Payer 0", "SOA-2026-0002"), ("Payer 1", "SOA-2026-0003"),
    ]  # fmt: skip
    text = text_of(page)
    assert "expected, not reserved" in text
    assert "₱1,000.00" in text
    assert "Sat 21 Nov 2026" in text
    assert not Counter.objects.exists()


def test_each_year_of_issue_goes_on_with_its_own_counter(client, biller):
    [late] = waiting(biller, 1, issue_date=dt.date(2027, 1, 5))
    other = make_draft(make_client(name="Other"))
    new = services.submit_statement(actor=biller, statement=other)
    page = client.get(address_of([new, late]))
    assert [one.number for one, _ in page.context["rows"]] == ["SOA-2026-0001", "SOA-2027-0001"]
    page = client.get(address_of([new, late]) + "&issue_date=2026-01-05")
    assert [one.number for one, _ in page.context["rows"]] == ["SOA-2026-0001", "SOA-2026-0002"]


def test_the_batch_is_issued_in_the_order_that_was_shown_as_it_was_expected(client, biller):
    first, second, third = waiting(biller, 3)
    page = client.get(address_of([third, first, second]))
    expected = [one.number for one, _ in page.context["rows"]]
    done = client.post(URL, form_of(page))
    assert done.status_code == 200
    assert numbers_of(done) == expected
    assert "3 statements are issued." in text_of(done)
    assert [Statement.objects.get(pk=one.pk).number for one in (third, first, second)] == expected
    assert audit.verify() == []


def test_the_same_form_sent_again_issues_nothing_twice_and_says_what_became_of_each(client, biller):
    drafts = waiting(biller, 2)
    form = form_of(client.get(address_of(drafts)))
    client.post(URL, form)
    before = list(Statement.objects.order_by("pk").values())
    again = client.post(URL, form)
    assert numbers_of(again) == ["", ""]
    assert "Issued before, as SOA-2026-0001" in text_of(again)
    assert "0 statements are issued." in text_of(again)
    assert list(Statement.objects.order_by("pk").values()) == before
    assert Counter.objects.get().last_number == 2


def test_one_that_is_refused_has_its_reason_and_stops_no_other(client, biller, reviewer):
    first, changed, gone, last = waiting(biller, 4)
    own = services.submit_statement(actor=reviewer, statement=make_draft(make_client(name="Mine")))
    page = client.get(address_of([first, own, changed, gone, last]))
    refusals = [one.refusal for one, _ in page.context["rows"]]
    assert refusals == ["", "You wrote, edited or submitted it; somebody else issues it.", "", "", ""]
    numbers = [one.number for one, _ in page.context["rows"]]
    assert numbers == ["SOA-2026-0001", "", "SOA-2026-0002", "SOA-2026-0003", "SOA-2026-0004"]
    form = form_of(page)
    changed.client.name = "Renamed"
    changed.client.save()
    admin = make_office_user("Admin")
    services.delete_draft(
        actor=admin, statement=services.return_statement(actor=admin, statement=gone, comment="No")
    )
    done = client.post(URL, form)
    assert numbers_of(done) == ["SOA-2026-0001", "", "", "", "SOA-2026-0002"]
    text = text_of(done)
    for words in ("somebody else issues it", "changed since you saw it", "deleted meanwhile", "3 were not"):
        assert words in text
    # Only what was marked and refused before it was issued tells so in advance.
    again = client.get(address_of([first, own, gone]))
    assert [one.refusal for one, _ in again.context["rows"]] == [
        "It is issued, not in review.",
        "You wrote, edited or submitted it; somebody else issues it.",
        "It was deleted.",
    ]
    assert "for good" not in text_of(again)


def make_period(month: int, state: str, admin) -> Period:
    return Period.objects.create(
        starts_on=dt.date(2026, month, 1),
        ends_before=dt.date(2026, month + 1, 1),
        state=state,
        closing={} if state == "closed" else None,
        changed_by=admin,
        changed_at=timezone.now(),
    )


def test_a_day_in_a_shut_month_is_told_before_and_refused_at_the_issue(client, biller, reviewer):
    admin = make_office_user("Admin")
    days = [dt.date(2026, month, 5) for month in (8, 9, 10, 11)]
    drafts = [make_draft(make_client(name=f"Of {day:%B}"), issue_date=day) for day in days]
    drafts = [services.submit_statement(actor=biller, statement=draft) for draft in drafts]
    make_period(9, "closed", admin)
    locked = make_period(10, "locked", admin)
    asked = [
        f"{address_of([one])}&issue_date={day.isoformat()}" for one, day in zip(drafts, days, strict=True)
    ]
    pages = [client.get(address) for address in asked]
    assert [page.context["rows"][0][0].refusal for page in pages] == [
        "August 2026 is closed.", "September 2026 is closed.", "October 2026 is locked.", "",
    ]  # fmt: skip
    assert [numbers_of(client.post(URL, form_of(page))) for page in pages] == [
        [""], [""], [""], ["SOA-2026-0001"],
    ]  # fmt: skip
    PeriodException.objects.create(
        period=locked,
        user=reviewer,
        until=timezone.now() + dt.timedelta(hours=1),
        reason="Late bill",
        granted_by=admin,
        granted_at=timezone.now(),
    )
    again = client.get(asked[2])
    assert numbers_of(client.post(URL, form_of(again))) == ["SOA-2026-0002"]


def test_a_busy_database_refuses_one_and_the_numbers_of_the_others_are_told(client, biller, monkeypatch):
    drafts = waiting(biller, 3)
    form = form_of(client.get(address_of(drafts)))
    issue, asked = services.batches.issue_statement, []

    def busy_at_the_second(**given):
        asked.append(given)
        if len(asked) == 2:
            raise OperationalError("database is locked")
        return issue(**given)

    monkeypatch.setattr(services.batches, "issue_statement", busy_at_the_second)
    done = client.post(URL, form)
    assert numbers_of(done) == ["SOA-2026-0001", "", "SOA-2026-0002"]
    assert "The database was busy" in text_of(done)


def test_a_changed_place_or_day_is_shown_anew_before_anything_is_issued(client, biller):
    first, second, third = drafts = waiting(biller, 3)
    page = client.get(address_of(drafts))
    moved = client.post(URL, form_of(page, **{f"place-{third.pk}": "1"}), follow=True)
    assert [one.statement for one, _ in moved.context["rows"]] == [third, first, second]
    assert "The order or the day is another one" in text_of(moved)
    dated = client.post(URL, form_of(moved, issue_date="2026-10-31"), follow=True)
    assert {one.day for one, _ in dated.context["rows"]} == {dt.date(2026, 10, 31)}
    asked = client.post(URL, form_of(dated, again="1"), follow=True)
    assert "another one" not in text_of(asked)
    assert not Counter.objects.exists()
    done = client.post(URL, form_of(asked))
    assert numbers_of(done) == ["SOA-2026-0001", "SOA-2026-0002", "SOA-2026-0003"]
    assert {one.issue_date for one in Statement.objects.all()} == {dt.date(2026, 10, 31)}


def test_after_midnight_it_is_shown_anew_with_the_new_days_numbers(client, biller, reviewer, time_machine):
    drafts = waiting(biller, 1)
    # 23:30 and 00:30 in Manila.
    time_machine.move_to(dt.datetime(2026, 12, 31, 15, 30, tzinfo=dt.UTC))
    client.force_login(reviewer)
    page = client.get(address_of(drafts))
    assert page.context["rows"][0][0].number == "SOA-2026-0001"
    time_machine.move_to(dt.datetime(2026, 12, 31, 16, 30, tzinfo=dt.UTC))
    anew = client.post(URL, form_of(page), follow=True)
    assert anew.context["rows"][0][0].number == "SOA-2027-0001"
    assert not Counter.objects.exists()
    assert numbers_of(client.post(URL, form_of(anew))) == ["SOA-2027-0001"]


def test_a_day_or_a_place_that_is_none_comes_back_beside_its_field(client, biller):
    drafts = waiting(biller, 2)
    page = client.get(address_of(drafts))
    wrong = client.post(URL, form_of(page, issue_date="soon", **{f"place-{drafts[0].pk}": "-1"}))
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"issue_date", f"place-{drafts[0].pk}"}
    assert not Counter.objects.exists()


def test_marked_drafts_are_submitted_together_and_what_is_refused_says_why(client, biller):
    client.force_login(biller)
    first, second = (make_draft(make_client(name=name)) for name in ("Abad", "Bayani"))
    empty = make_draft(make_client(name="Empty"))
    empty.lines.all().delete()
    assert text_of(client.get("/billing/statements/?state=draft&marked=all")).count(" checked>") == 3
    marked = {"draft": [first.pk, empty.pk, second.pk, 10**15]}
    page = client.post("/billing/statements/submit/", marked, follow=True)
    text = text_of(page)
    assert "2 drafts wait for their review." in text
    assert f"Draft {empty.pk} has no lines." in text
    assert "deleted meanwhile" in text
    assert [one.state for one in (*Statement.objects.order_by("pk"),)] == ["in_review", "in_review", "draft"]
    again = client.post("/billing/statements/submit/", marked, follow=True)
    assert "only a draft is submitted" in text_of(again)
    none = client.post("/billing/statements/submit/", follow=True)
    assert "Mark at least one draft" in text_of(none)


@pytest.mark.parametrize("asked", ["", "?draft=", "?draft=x&draft=%00&draft=-1", "?" + "&".join(
    f"draft={pk}" for pk in range(1, 102))])  # fmt: skip
def test_none_marked_or_too_many_leads_back_to_the_list(client, asked):
    for answer in (client.get(URL + asked), client.post(URL, {"draft": ["x"]})):
        assert answer.url == "/billing/statements/?state=in_review"
    assert "Mark at least one draft, and at most 100." in text_of(client.get(URL + asked, follow=True))


def test_the_same_draft_marked_twice_stands_there_once(client, biller):
    [draft] = waiting(biller, 1)
    assert len(client.get(address_of([draft, draft])).context["rows"]) == 1


def test_a_larger_batch_asks_no_more_often(client, biller):
    drafts = waiting(biller, 6)

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(address_of(drafts[:count]))
        return len(seen)

    queries(1)
    assert queries(1) == queries(6)
