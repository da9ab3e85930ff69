"""The pages of the retainer cycle: preview, run, coverage, missed months and catching up."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import CycleRun, Statement
from billing.reports import retainer_cycle as reports
from billing.services import retainer_cycle
from billtracker.core.periods import Month
from tests.factories import make_client, make_engagement, make_office, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2025, 11, 21, tzinfo=dt.UTC))]
SEPTEMBER = "/billing/cycle/2025-09/"


@pytest.fixture
def biller():
    make_office()
    return make_office_user("Biller")


@pytest.fixture
def client(client, biller):
    client.force_login(biller)
    return client


@pytest.fixture
def books(biller):
    make_engagement(make_client(name="Abad", currency="PHP"), fee="1500.00")
    make_engagement(make_client(name="Bayani", currency="JPY"), fee="1200")
    make_engagement(make_client(name="Casa"), status="suspended")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# --- the preview -------------------------------------------------------------------------------
def test_the_preview_groups_and_adds_up_per_currency_and_writes_nothing(client, books):
    page = client.get(SEPTEMBER)
    assert page.context["totals"] == {"JPY": 1200, "PHP": 1500}
    assert [one.client for one in page.context["page_obj"]] == ["Abad", "Bayani"]
    assert "make 2 drafts" in text_of(page)
    skipped = text_of(client.get(f"{SEPTEMBER}?show=skipped"))
    assert "The engagement is suspended." in skipped
    assert "Skipped (1)" in skipped
    assert not Statement.objects.exists()
    assert not CycleRun.objects.exists()


def test_the_button_runs_it_and_shows_the_lines(client, books):
    page = client.post(f"{SEPTEMBER}run/", follow=True)
    run = CycleRun.objects.get()
    assert page.redirect_chain == [(f"/billing/cycle/runs/{run.pk}/", 302)]
    assert "Made 2 drafts." in text_of(page)
    assert [line["outcome"] for line in page.context["page_obj"]] == ["created", "created", "skipped"]
    only = client.get(f"/billing/cycle/runs/{run.pk}/?show=skipped")
    assert [line["engagement__client__name"] for line in only.context["page_obj"]] == ["Casa"]
    assert "Nothing is left" in text_of(client.get(SEPTEMBER))
    assert "Made 0 drafts." in text_of(client.post(f"{SEPTEMBER}run/", follow=True))
    assert Statement.objects.count() == 2


def test_a_large_run_goes_to_the_worker_and_shows_how_far_it_is(client, books, monkeypatch):
    monkeypatch.setattr(retainer_cycle, "LARGEST_AT_ONCE", 2)
    assert "The worker does it" in text_of(client.get(SEPTEMBER))
    page = client.post(f"{SEPTEMBER}run/", follow=True)
    assert "<progress>" in text_of(page)
    run = CycleRun.objects.get()
    CycleRun.objects.update(state="running", seen_count=1)
    address = f"/billing/cycle/runs/{run.pk}/"
    assert '<progress value="1" max="3">' in text_of(client.get(address, headers={"HX-Request": "true"}))
    services.continue_cycle(run=run)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert client.get(address).context["run"].created_count == 2


def test_a_run_of_another_process_is_said_and_nothing_is_lost(client, books, monkeypatch):
    monkeypatch.setattr(retainer_cycle, "PATIENCE", -1.0)
    with retainer_cycle.try_database_lock("retainer-cycle"):
        page = client.post(f"{SEPTEMBER}run/", follow=True)
    # The same process may hold a server's lock twice; a file's lock it may not.
    assert connection.vendor == "postgresql" or "Another run of the cycle is under way" in text_of(page)


# --- the list ----------------------------------------------------------------------------------
def test_the_list_goes_to_the_month_that_is_asked_for(client, books):
    assert client.get("/billing/cycle/?month=2025-09").url == SEPTEMBER
    wrong = client.get("/billing/cycle/?month=2025-13")
    assert wrong.status_code == 422
    assert "is not a month" in text_of(wrong)
    assert 'value="2025-11"' in text_of(client.get("/billing/cycle/"))


def test_a_viewer_is_shown_who_was_not_billed_and_no_button(client, books):
    client.force_login(make_office_user("Viewer"))
    assert client.get("/billing/cycle/?month=2025-09").url == f"{SEPTEMBER}coverage/"
    for address in ("/billing/cycle/", f"{SEPTEMBER}coverage/", "/billing/cycle/missed/"):
        page = client.get(address)
        assert page.status_code == 200
        assert b'method="post"' not in page.content.split(b"<main")[1].split(b"</main>")[0]


@pytest.mark.parametrize("month", ["2025-13", "0000-01", "abcd-ef", "2025-9", "9999-01"])
def test_what_is_no_month_is_no_page(client, month):
    assert client.get(f"/billing/cycle/{month}/").status_code == 404


# --- coverage ----------------------------------------------------------------------------------
def test_coverage_names_who_was_not_billed_and_why(client, books, biller):
    make_engagement(make_client(name="=Evil"), status="ended")
    services.run_cycle(actor=biller, month=Month(2025, 9))
    Statement.objects.filter(client__name="Abad").delete()
    page = client.get(f"{SEPTEMBER}coverage/")
    assert "Not billed: 3, billed: 1." in text_of(page)
    rows = list(csv.reader(io.StringIO(client.get(f"{SEPTEMBER}coverage/csv/").content.decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:]] == [
        ["'=Evil", "Bookkeeping", "skipped", "The engagement is ended."],
        ["Abad", "Bookkeeping", "to be made", ""],
        ["Casa", "Bookkeeping", "skipped", "The engagement is suspended."],
    ]
    assert rows[2][4:] == ["PHP", "1500.00", "2025-09-01", "2025-09-16"]


# --- missed months -----------------------------------------------------------------------------
def test_missed_months_are_listed_and_caught_up(client, biller):
    make_engagement(starts_on=dt.date(2025, 9, 1))
    services.run_cycle(actor=biller, month=Month(2025, 10))
    page = client.get("/billing/cycle/missed/")
    assert [(str(one["month"]), one["count"]) for one in page.context["months"]] == [
        ("2025-09", 1), ("2025-11", 1),
    ]  # fmt: skip
    done = client.post("/billing/cycle/catch-up/", {"month": ["2025-09", "2025-11"]}, follow=True)
    assert "Made 2 drafts." in text_of(done)
    assert "No month is missed" in text_of(client.get("/billing/cycle/missed/"))


@pytest.mark.parametrize(
    ("sent", "sentence"), [({}, "Tick at least one"), ({"month": "x"}, "is not a month")]
)
def test_catching_up_nothing_says_so(client, books, sent, sentence):
    assert sentence in text_of(client.post("/billing/cycle/catch-up/", sent, follow=True))
    assert not Statement.objects.exists()


# --- cost --------------------------------------------------------------------------------------
def test_the_pages_ask_as_often_for_many_engagements_as_for_few(client, biller):
    def queries() -> list[int]:
        run = CycleRun.objects.latest("pk")
        counts = []
        for address in (
            SEPTEMBER,
            f"{SEPTEMBER}coverage/",
            "/billing/cycle/",
            f"/billing/cycle/runs/{run.pk}/",
        ):
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            counts.append(len(seen))
        return counts

    make_engagement()
    services.run_cycle(actor=biller, month=Month(2025, 9))
    few = queries()
    for number in range(60):
        make_engagement(status="active" if number % 2 else "suspended")
    services.run_cycle(actor=biller, month=Month(2025, 9))
    assert queries() == few
    assert max(few) <= 15
    assert len(list(reports.found_in(Month(2025, 9)))) == 61
