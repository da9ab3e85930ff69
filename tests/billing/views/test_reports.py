"""Reports on pages and as files: the same figures, the day in the address, every figure with its rows."""

import csv
import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from billing.views.reports import REPORTS
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = pytest.mark.django_db
START = "/billing/reports/"


@pytest.fixture
def payer(client, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False)
    make_office()
    client.force_login(make_office_user("Viewer"))
    payer = make_client(name="=Casa & Sons")
    make_issued(
        client=payer, amount="1234.50", issue_date=dt.date(2026, 10, 1), due_date=dt.date(2026, 10, 16)
    )
    make_payment(payer, "1334.50", manual_number="OR 5")
    return payer


def rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_aging_shows_bars_and_figures_that_open_their_rows(client, payer):
    page = text(client.get(f"{START}aging/"))
    assert "1,234.50" in page
    assert "bucket-2" in page
    behind = f"/billing/reports/open/?as_of=2026-11-21&amp;currency=PHP&amp;client={payer.pk}&amp;bucket=2"
    assert behind in page
    assert "SOA-2026" in text(client.get(behind.replace("&amp;", "&")))


def test_the_day_stands_in_the_address_and_goes_into_the_file(client, payer):
    [_header, row, _total] = rows(client.get(f"{START}aging/csv/?as_of=2026-10-31"))
    assert row == ["'=Casa & Sons", "PHP", "0.00", "1234.50", "0.00", "0.00", "0.00", "0.00", "1234.50"]
    page = text(client.get(f"{START}aging/?as_of=2026-10-31"))
    assert f"{START}aging/csv/?as_of=2026-10-31" in page


def test_a_negative_amount_is_a_number_in_both_files(client, payer):
    [_header, row, _total] = rows(client.get(f"{START}aging/csv/"))
    assert row[-1] == "-100.00"
    book = load_workbook(io.BytesIO(client.get(f"{START}aging/xlsx/").content))
    [_header, cells, _total] = book.active.iter_rows(values_only=True)
    assert cells == ("'=Casa & Sons", "PHP", 0, 0, 1234.5, 0, 0, 1334.5, -100)


def test_days_are_days_in_the_workbook(client, payer):
    book = load_workbook(io.BytesIO(client.get(f"{START}collections/xlsx/").content))
    assert book.active["A2"].value == dt.datetime(2026, 11, 2)  # noqa: DTZ001 (a workbook's day)
    assert book.active["B2"].value == "OR 5"


@pytest.mark.parametrize("name", REPORTS)
def test_page_and_file_have_the_same_number_of_rows(client, payer, name):
    page = client.get(f"{START}{name}/")
    lines = rows(client.get(f"{START}{name}/csv/"))
    table = page.context["table"]
    assert len(lines) == 1 + len(table.rows) + len(table.totals)
    assert lines[0] == [column.name for column in table.columns]


@pytest.mark.parametrize(
    "query",
    [
        "as_of=0000-00-00",
        "from=x&to=y",
        "month=2026-13",
        "client=99999999999999999999",
        "client=%00",
        "bucket=9",
        "currency=XXXX",
        "method=%00",
        "page=-1",
        "from=2026-12-01&to=2026-01-01",
        "client=9999999",
    ],
)
@pytest.mark.parametrize("name", ["aging", "open", "collections", "ledger", "coverage"])
def test_an_address_that_makes_no_sense_still_shows_the_report(client, payer, name, query):
    assert client.get(f"{START}{name}/?{query}").status_code == 200


def test_a_list_is_shown_by_fifty_and_its_total_counts_all(client, payer):
    for number in range(60):
        make_payment(payer, "1.00", manual_number=f"X {number}")
    page = client.get(f"{START}collections/")
    assert len(page.context["rows"]) == 50
    assert page.context["table"].totals[-1].cells["amount"] == 1394.5


def test_the_first_page_shows_what_waits(client, payer):
    page = text(client.get("/billing/"))
    assert "Payments to verify" in page
    assert "/billing/reports/open/?currency=PHP" in page
    assert "October 2026 can be closed" in page


# --- sums beyond any entry -----------------------------------------------------------------------
PAGES = [
    "/billing/", "/billing/statements/", "/billing/statements/csv/", "/billing/payments/",
    "/billing/payments/csv/", "/billing/sequences/", "/billing/periods/", "/billing/periods/2026-11/",
    "/api/billing/statements/", "/api/billing/payments/", "/api/billing/reports/aging/",
    *(f"{START}{name}/{form}" for name in REPORTS for form in ("", "csv/", "xlsx/")),
]  # fmt: skip


@pytest.mark.engines("sqlite", "postgresql")
def test_sums_that_are_larger_than_any_entry_are_shown_everywhere(client, payer):
    """O1: two statements of 60,000,000,000.00, and payments of 99,999,999,999.99 and of 1.00."""
    rich = make_client(currency="IDR")
    for owing in (rich, rich, make_client(currency="IDR")):
        make_issued(client=owing, amount="60000000000.00")
    for amount in ("99999999999.99", "1.00"):
        make_payment(payer, amount)
        make_payment(rich, amount)
    for address in [*PAGES, f"{START}ledger/?client={rich.pk}&currency=IDR", f"/billing/clients/{rich.pk}/"]:
        assert client.get(address).status_code == 200, address
    assert "180,000,000,000.00" in text(client.get(f"{START}open/"))
    last = rows(client.get(f"{START}collections/csv/"))[-2:]
    assert [row[-2:] for row in last] == [["IDR", "100000000000.99"], ["PHP", "100000001335.49"]]
