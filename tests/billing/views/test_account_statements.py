"""Account statements on pages: one span for page, CSV and PDF; the file as it was stored."""

import csv
import datetime as dt
import hashlib
import io

import pytest
import time_machine

from billing import tasks
from billing.models import AccountStatement
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = pytest.mark.django_db
SPAN = "?from=2026-11-02&to=2026-11-30&currency=PHP"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def casa(client):
    make_office()
    casa = make_client(name="Casa <b>Niña</b>")
    make_issued(client=casa, amount="1000.00")
    make_payment(casa, "400.00")
    client.force_login(make_office_user("Biller"))
    return casa


def test_page_and_csv_show_the_same_balances_of_the_span(client, casa):
    page = client.get(f"/billing/clients/{casa.pk}/account/{SPAN}").content.decode()
    table = client.get(f"/billing/clients/{casa.pk}/account/csv/{SPAN}").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["balance"] for row in rows] == ["1000.00", "600.00", "600.00"]
    for shown in ("₱1,000.00", "₱600.00", "\N{MINUS SIGN}₱400.00"):
        assert shown in page
    assert "<b>Niña" not in page


@pytest.mark.parametrize("query", ["?from=x&to=y", "?from=9999-01-01", "?to=0001-01-01", "?currency=%00"])
def test_an_address_of_nonsense_shows_the_year_so_far(client, casa, query):
    answer = client.get(f"/billing/clients/{casa.pk}/account/{query}")
    assert (answer.status_code, b"1 Jan 2026" in answer.content) == (200, True)


def test_the_pdf_of_the_span_is_asked_for_made_and_given_as_stored(client, casa, monkeypatch):
    monkeypatch.setattr("billing.documents.pdf.account_pdf", lambda *args, **kwargs: b"%PDF-1.7 account")
    answer = client.post(f"/billing/clients/{casa.pk}/account/make/{SPAN}")
    row = AccountStatement.objects.get()
    assert answer.url == f"/billing/accounts/{row.pk}/"
    assert (row.first_day, row.last_day) == (dt.date(2026, 11, 2), dt.date(2026, 11, 30))
    assert b"Being made" in client.get(answer.url).content
    assert client.get(f"{answer.url}file/").status_code == 404
    tasks.make_account(row.pk)
    assert client.get(answer.url, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    row.refresh_from_db()
    assert row.sha256 in client.get(answer.url).content.decode()
    given = client.get(f"{answer.url}file/")
    assert hashlib.sha256(given.content).hexdigest() == row.sha256
    assert given.headers["Content-Type"] == "application/pdf"


def test_all_clients_are_asked_for_by_span(client, casa):
    refused = client.post("/billing/accounts/make/", {"first_day": "2026-11-30", "last_day": "2026-11-01"})
    assert (refused.status_code, AccountStatement.objects.count()) == (422, 0)
    client.post("/billing/accounts/make/", {"first_day": "2026-11-01", "last_day": "2026-11-30"})
    batch = AccountStatement.objects.get(batch=None)
    assert batch.parts.get().client == casa
    assert b"All clients" in client.get("/billing/accounts/").content


def test_lists_ask_as_often_for_many_movements_as_for_one(client, casa, django_assert_max_num_queries):
    for _ in range(5):
        make_payment(casa, "10.00")
    with django_assert_max_num_queries(35):
        client.get(f"/billing/clients/{casa.pk}/account/{SPAN}")


def test_a_balance_below_zero_leaves_the_csv_as_a_number(client, casa):
    """O6: the guard against formulas is for text."""
    make_payment(casa, "785.00")
    table = client.get(f"/billing/clients/{casa.pk}/account/csv/{SPAN}").content.decode("utf-8-sig")
    assert [row["balance"] for row in csv.DictReader(io.StringIO(table))][-1] == "-185.00"
