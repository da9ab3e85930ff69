"""How the pages under /data/ read a file: currencies, columns, quotation marks, encodings, sheets."""

import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from openpyxl import Workbook

from bills.models import Occurrence
from billtracker.core.models import ImportPreview
from tests.bills.views.test_files import (
    checked,
    client,
    default_answers,
    send,
    the_day,
    upload_household_bills,
)

__all__ = ["client", "the_day"]


def understood(page) -> list[dict]:
    return [row.understood for row, _cells in page.context["rows"]]


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("content", "amounts"),
    [
        (
            "Name,Amount,Currency,Due day\nRent,120000,JPY,2\nNetflix,15.99,€,1\n",
            ["120,000 JPY", "15.99 EUR"],
        ),
        ("Name,Amount (€),Due day\nRent,850.00,2\nGas,€12.50,3\n", ["850.00 EUR", "12.50 EUR"]),
        ("Name,Amount GBP,Due day\nRent,850.00,2\n", ["850.00 GBP"]),
        ("Name,Sum,Due day\nRent,850.00,2\n", ["850.00 USD"]),
    ],
)
def test_a_stated_currency_counts(client, household, content, amounts):
    """B2: in a column, in the heading, in the cell, and the household's only when none is stated."""
    send(client, "bills", "b.csv", content.encode())
    page = checked(client, ImportPreview.objects.get())
    assert [row["Amount"] for row in understood(page)] == amounts


def test_a_cell_that_contradicts_its_column_is_a_problem(client, household):
    """B2: neither of the two currencies is taken in silence."""
    send(client, "bills", "b.csv", b"Name,Amount,Currency,Due day\nRent,$5,EUR,2\nGas,5,EURO,2\n")
    page = checked(client, ImportPreview.objects.get()).content.decode()
    assert "The cell names USD, its column or row EUR; fix one of them." in page
    assert "&#x27;EURO&#x27; is not a currency code such as USD or EUR." in page


def test_columns_that_are_not_used_are_named(client, household):
    """B2: before the rows are shown and beside them."""
    send(client, "bills", "b.csv", b"Name,Amount,Colour,Due day,\nRent,5,red,2,x\nGas,6,blue,3,\n")
    preview = ImportPreview.objects.get()
    words = "These columns are not imported: Colour, column 5."
    assert words in client.get(reverse("bills:preview_columns", args=[preview.pk])).content.decode()
    assert words in checked(client, preview).content.decode()


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(client, household):
    """B9: two bills were lost and the third was called fine."""
    content = (
        b'Bill,Amount,Due day,Notes\nRentQ,1850.00,1,"paid to landlord\nGasQ,88.00,2,\nWaterQ,61.80,3,\n'
    )
    page = send(client, "bills", "b.csv", content)
    assert page.status_code == 422
    assert "The quotation mark opened in line 2 is never closed" in page.content.decode()
    assert not ImportPreview.objects.exists()


def test_rows_that_a_quotation_mark_may_have_joined_are_named(client, household):
    """B9: where a later mark happens to close it, a person looks."""
    content = b'Bill,Amount,Due day,Notes\nRentQ,1850.00,1,"paid\nGasQ,88.00,2,"\nWaterQ,61.80,3,\n'
    send(client, "bills", "b.csv", content)
    page = client.get(reverse("bills:preview_columns", args=[ImportPreview.objects.get().pk]))
    assert "Lines 2 to 3 are one row" in page.content.decode()


@pytest.mark.engines("sqlite", "postgresql")
def test_an_encoding_is_shown_by_samples_and_can_be_chosen(client, household):
    """B10: what was guessed is not what the person has to live with."""
    send(client, "bills", "b.csv", "Bill,Amount,Due day\nŽivnost šek,120.00,1\n".encode("iso8859_2"))
    preview = ImportPreview.objects.get()
    url = reverse("bills:preview_columns", args=[preview.pk])
    form = client.get(url).context["form"]
    assert form["encoding"].value() == "cp1250"
    assert form.samples()["text"][0].text != "Živnost šek"
    page = client.post(url, {**default_answers(client.get(url)), "encoding": "iso8859_2"}, follow=True)
    assert [sample.text for sample in page.context["samples"]["text"]] == ["Živnost šek"]
    page = checked(client, ImportPreview.objects.get())
    assert [row["Bill"] for row in understood(page)] == ["Živnost šek"]
    client.post(reverse("bills:preview_apply", args=[preview.pk]))
    preview.refresh_from_db()
    assert (bytes(preview.content), bytes(preview.original)) == (b"", b"")


def test_a_sheet_is_chosen(client, household):
    """B11: the first one that holds something is proposed."""
    book = Workbook()
    for title, name in (("Cover", "Nothing"), ("Bills", "Rent")):
        sheet = book.active if title == "Cover" else book.create_sheet()
        sheet.title = title
        for row in (["Bill", "Amount", "Due day"], [name, 5, 1]):
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    send(client, "bills", "b.xlsx", file.getvalue())
    url = reverse("bills:preview_columns", args=[ImportPreview.objects.get().pk])
    page = client.get(url)
    assert page.context["form"]["sheet"].value() == "Cover"
    client.post(url, {**default_answers(page), "sheet": "Bills"})
    assert [row["Bill"] for row in understood(checked(client, ImportPreview.objects.get()))] == ["Rent"]


@pytest.mark.engines("sqlite", "postgresql")
def test_bills_are_tracked_from_this_month_unless_somebody_says_otherwise(client, household, time_machine):
    """B12: a list of bills makes no page full of missed dates, and the preview says what it makes."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    preview = upload_household_bills(client)
    page = checked(client, preview).content.decode()
    few = int(re.search(r"(\d+) due dates are before today", page)[1])
    page = checked(client, preview, option_start_month="2026-01").content.decode()
    many = int(re.search(r"(\d+) due dates are before today", page)[1])
    assert (few < 29, many > 150) == (True, True)
    client.post(reverse("bills:preview_apply", args=[preview.pk]))
    assert Occurrence.objects.filter(due_date__lt=dt.date(2026, 11, 21)).count() == many


def test_the_page_shows_the_headings_currency_and_asks_nothing_that_the_file_does_not_leave_open(
    client, household
):
    """B2: a sample is what the row will be, and a file with one reading has no choice of one."""
    send(client, "bills", "b.csv", "Name,Amount (€),Due day\nRent,850.00,2\n".encode())
    page = client.get(reverse("bills:preview_columns", args=[ImportPreview.objects.get().pk]))
    assert [sample.meaning for sample in page.context["samples"]["amount"]] == ["850.00 EUR"]
    text = page.content.decode()
    assert "Encoding" not in text
    assert "Sheet" not in text
