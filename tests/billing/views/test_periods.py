"""Months on pages: locked, closed after a checklist, opened again, and their pack."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import BooksCheck, Period, PeriodException
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = pytest.mark.django_db
URL = "/billing/periods/2026-09/"
NOW = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
REASON = "Agreed with the accountant"


@pytest.fixture
def admin(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    make_office()
    BooksCheck.objects.create(checked_at=NOW, entry_count=0, counter_count=0)
    user = make_office_user("Admin")
    client.force_login(user)
    return user


@pytest.fixture
def issued(admin):
    statement = make_issued(amount="1234.50", issue_date=dt.date(2026, 9, 3))
    statement.documents.create(path="x", sha256="0" * 64, size=1, made_at=NOW)
    return statement


def text(response) -> str:
    return " ".join(response.content.decode().split())


def close(client, **data):
    return client.post(f"{URL}close/", {"close-typed": "2026-09", **data}, follow=True)


def test_the_list_shows_months_from_the_first_activity_to_today_and_what_is_closed_next(client, issued):
    page = text(client.get("/billing/periods/"))
    for name in ("September 2026", "October 2026", "November 2026"):
        assert name in page
    assert "August 2026" not in page
    assert "September 2026 is over and can be closed." in page


def test_a_month_is_closed_on_its_page_and_says_that_its_totals_are_the_same(client, issued):
    page = text(client.get(URL))
    assert "Checklist before the close" in page
    assert "1,234.50" in page
    page = text(close(client))
    assert "September 2026 is closed." in page
    assert "Its totals are the same today as at the close." in page
    assert "The worker makes it" in page
    assert Period.objects.get().state == "closed"


def test_a_month_is_not_closed_without_its_name_typed(client, issued):
    response = client.post(f"{URL}close/", {"close-typed": "2026-10"})
    assert response.status_code == 422
    assert "This is not the month, 2026-09." in text(response)
    assert not Period.objects.exists()


def test_what_blocks_is_named_with_a_link_and_the_refusal_stands_in_the_form(client, issued):
    make_payment(paid_on=dt.date(2026, 9, 9), manual_number="OR 77")
    page = text(client.get(URL))
    assert "Payments not verified" in page
    assert "Payment OR 77" in page
    response = client.post(f"{URL}close/", {"close-typed": "2026-09"})
    assert response.status_code == 422
    assert "September 2026 cannot be closed: Payments not verified: 1" in text(response)


def test_a_warning_is_ticked_and_explained(client, issued):
    issued.settlements.create(
        kind="withholding",
        settled_on=dt.date(2026, 9, 9),
        amount=1,
        recorded_by=issued.created_by,
        recorded_at=NOW,
    )
    assert "skip it with a reason" in text(client.post(f"{URL}close/", {"close-typed": "2026-09"}))
    data = {"close-skipped": ["certificates"], "close-reason": REASON}
    assert "September 2026 is closed." in text(close(client, **data))


def test_a_closed_month_whose_total_changed_says_which(client, issued):
    close(client)
    period = Period.objects.get()
    period.closing["currencies"]["PHP"]["issued"] = "1.00"
    period.save()
    page = text(client.get(URL))
    assert "Its totals are no longer the same" in page
    assert "Issued, PHP" in page


def test_a_month_is_opened_again_with_a_reason_and_its_name(client, issued):
    close(client)
    data = {"reopen-typed": "2026-09", "reopen-reason": REASON}
    assert client.post(f"{URL}reopen/", {**data, "reopen-reason": "x"}).status_code == 422
    assert "September 2026 is open again." in text(client.post(f"{URL}reopen/", data, follow=True))


def test_an_exception_is_given_on_the_offices_clock_and_taken_back(client, issued):
    biller = make_office_user("Biller")
    client.post(f"{URL}lock/")
    data = {"grant-user": biller.pk, "grant-until": "2026-11-21T18:30", "grant-reason": REASON}
    page = text(client.post(f"{URL}exceptions/", data, follow=True))
    assert "21 Nov 2026, 18:30" in page
    leave = PeriodException.objects.get()
    assert leave.until == dt.datetime(2026, 11, 21, 10, 30, tzinfo=dt.UTC)
    client.post(f"/billing/periods/exceptions/{leave.pk}/end/")
    leave.refresh_from_db()
    assert leave.ended_at == NOW
    page = text(client.post(f"{URL}unlock/", {"unlock-reason": REASON}, follow=True))
    assert "September 2026 is open." in page


def test_only_people_who_work_in_the_books_are_offered(client, admin):
    make_office_user("Viewer", username="looks")
    make_office_user("Biller", username="works")
    client.post(f"{URL}lock/")
    page = text(client.get(URL))
    assert "works" in page
    assert "looks" not in page


def test_the_pack_is_downloaded_by_who_may_read_the_audit_log(client, issued):
    close(client)
    pack = services.make_pack(pack=Period.objects.get().packs.get())
    assert pack.sha256 in text(client.get(URL))
    answer = client.get(f"/billing/periods/packs/{pack.pk}/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="close-2026-09.zip"'
    assert b"".join(answer.streaming_content).startswith(b"PK")
    client.force_login(make_office_user("Viewer"))
    assert "Download" not in text(client.get(URL))
    assert client.get(f"/billing/periods/packs/{pack.pk}/").status_code == 403


def test_the_pages_ask_no_more_when_there_is_more(client, issued):
    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    make_payment(issued.client, paid_on=dt.date(2026, 9, 9))
    few = count("/billing/periods/"), count(URL)
    for _ in range(5):
        payer = make_client()
        make_issued(client=payer, issue_date=dt.date(2026, 9, 5))
        make_payment(payer, paid_on=dt.date(2026, 9, 9))
    assert (count("/billing/periods/"), count(URL)) == few


def test_a_month_without_anything_has_a_page(client, admin):
    page = text(client.get("/billing/periods/2031-01/"))
    assert "Nothing was dated into this month" in page
