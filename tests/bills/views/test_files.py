"""The pages under /data/: upload, columns, preview, apply, undo, and who may do what."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bills.models import Bill, Payment
from billtracker.accounts.models import Role
from billtracker.core.models import ImportBatch, ImportPreview
from tests.factories import make_household, make_member, make_user

FOLDER = Path(__file__).parent.parent.parent / "data"


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))


@pytest.fixture
def client(client, owner, household):
    client.force_login(owner)
    return client


def signed_in(client, user):
    client.force_login(user)
    return client


def send(client, kind, name, content):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(reverse("bills:upload", args=[kind]), {"file": file}, follow=True)


def upload_household_bills(client):
    name = "bills-household.csv"
    send(client, "bills", name, (FOLDER / name).read_bytes())
    return ImportPreview.objects.latest("pk")


def default_answers(page):
    form = page.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields}


def checked(client, preview, **answers):
    """Take the guesses of the columns page, with the given answers instead of some."""
    url = reverse("bills:preview_columns", args=[preview.pk])
    return client.post(url, {**default_answers(client.get(url)), **answers}, follow=True)


def ticks(page, without=()):
    rows = [row.number for row, _cells in page.context["rows"] if row.may_apply]
    chosen = [r.number for r, _cells in page.context["rows"] if r.is_chosen and r.number not in without]
    return {"shown": rows, "chosen": chosen}


def test_a_file_goes_in_through_the_pages_and_out_again(client, household):
    preview = upload_household_bills(client)
    page = client.get(reverse("bills:preview_columns", args=[preview.pk]))
    assert page.context["form"]["column_name"].value() == 0
    meanings = [sample.meaning for sample in page.context["samples"]["amount"]]
    assert sorted(meanings) == ["1,850.00 USD", "12.50 EUR", "142.37 USD"]
    page = checked(client, preview)
    assert Bill.objects.count() == 0
    assert [(value, count) for value, _label, count in page.context["statuses"]] == [
        ("ok", 29),
        ("problem", 2),
        ("duplicate", 1),
    ]
    assert "&#x27;12.34.56&#x27; is not an amount." in page.content.decode()
    page = client.post(reverse("bills:preview_apply", args=[preview.pk]), ticks(page), follow=True)
    batch = ImportBatch.objects.get()
    assert (Bill.objects.count(), batch.row_count, batch.left_out_count) == (29, 29, 3)
    client.post(reverse("bills:batch_undo", args=[batch.pk]), follow=True)
    assert Bill.objects.count() == 0
    assert ImportBatch.objects.get().is_undone


def test_the_same_click_twice_makes_one_batch(client, household):
    preview = upload_household_bills(client)
    data = ticks(checked(client, preview))
    url = reverse("bills:preview_apply", args=[preview.pk])
    first, second = client.post(url, data), client.post(url, data)
    assert first.url == second.url == reverse("bills:batch", args=[ImportBatch.objects.get().pk])
    assert Bill.objects.count() == 29


def test_a_row_that_is_not_ticked_stays_out(client, household):
    preview = upload_household_bills(client)
    page = checked(client, preview)
    client.post(reverse("bills:preview_apply", args=[preview.pk]), ticks(page, without={2}))
    assert Bill.objects.filter(name="Rent").count() == 0
    assert Bill.objects.count() == 28


def test_ticks_are_kept_when_the_page_is_turned(client, household):
    preview = upload_household_bills(client)
    page = checked(client, preview)
    answer = client.post(
        reverse("bills:preview_rows", args=[preview.pk]),
        {**ticks(page, without={2}), "page": "1", "status": "ok"},
    )
    assert answer.url.endswith("?status=ok&page=1")
    assert not preview.rows.get(number=2).is_chosen
    client.post(reverse("bills:preview_rows", args=[preview.pk]), {"all": "untick"})
    assert preview.rows.filter(is_chosen=True).count() == 0
    client.post(reverse("bills:preview_rows", args=[preview.pk]), {"all": "tick"})
    assert preview.rows.filter(is_chosen=True).count() == 30


def test_rows_are_filtered_by_the_address(client, household):
    preview = upload_household_bills(client)
    checked(client, preview)
    page = client.get(reverse("bills:preview", args=[preview.pk]), {"status": "problem"})
    assert [row.number for row, _cells in page.context["rows"]] == [32, 33]


def test_an_ambiguous_date_has_to_be_answered(client, household):
    content = b"bill,paid on,amount\nRent,03/04/2026,10\n"
    send(client, "payments", "p.csv", content)
    preview = ImportPreview.objects.get()
    page = checked(client, preview)
    assert page.status_code == 422
    error = "The file can be read in two ways: say whether the day or the month comes first."
    assert page.context["form"].errors["date_order"] == [error]
    page = checked(client, preview, date_order="mdy")
    assert page.status_code == 200
    preview.refresh_from_db()
    assert (preview.state, preview.answers["date_order"]) == ("ready", "mdy")


def test_the_samples_follow_the_answer_before_anything_is_kept(client, household):
    send(client, "payments", "p.csv", b"bill,paid on,amount\nRent,03/04/2026,1.284\n")
    url = reverse("bills:preview_columns", args=[ImportPreview.objects.get().pk])
    data = {**default_answers(client.get(url)), "date_order": "mdy", "decimal_mark": ",", "look": "1"}
    page = client.post(url, data)
    assert [s.meaning for s in page.context["samples"]["date"]] == ["4 March 2026"]
    assert [s.meaning for s in page.context["samples"]["amount"]] == ["1,284.00 USD"]
    assert ImportPreview.objects.get().state == "mapping"


def test_what_is_no_table_is_refused_with_a_sentence(client, household):
    page = send(client, "bills", "scan.pdf", b"%PDF-1.7 ...")
    assert page.status_code == 422
    sentence = "This is a PDF. Save the table as CSV or XLSX and upload that."
    assert page.context["form"].errors["file"] == [sentence]
    assert ImportPreview.objects.count() == 0


def test_cells_and_file_names_are_escaped(client, household):
    content = b"bill,amount,due day\n<script>alert(1)</script>,5,1\n"
    send(client, "bills", "<b>x.csv", content)
    page = checked(client, ImportPreview.objects.get()).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_an_expired_preview_says_so_and_applies_nothing(client, household, time_machine):
    preview = upload_household_bills(client)
    data = ticks(checked(client, preview))
    time_machine.shift(dt.timedelta(hours=25))
    page = client.post(reverse("bills:preview_apply", args=[preview.pk]), data, follow=True)
    assert "older than 24 hours" in page.content.decode()
    assert Bill.objects.count() == 0


def test_a_long_file_is_worked_on_by_the_worker(client, household, monkeypatch):
    sent = []
    monkeypatch.setattr("billtracker.core.process.jobs.enqueue", lambda *args: sent.append(args))
    rows = b"".join(b"Bill %d,5,1\n" % n for n in range(1_500))
    send(client, "bills", "long.csv", b"bill,amount,due day\n" + rows)
    preview = ImportPreview.objects.get()
    page = checked(client, preview)
    assert "Being checked" in page.content.decode()
    assert sent == [("billtracker.core.imports.tasks.check_file", preview.pk)]


# --- who may do what ---------------------------------------------------------------------------
@pytest.fixture
def applied(client, household):
    preview = upload_household_bills(client)
    client.post(reverse("bills:preview_apply", args=[preview.pk]), ticks(checked(client, preview)))
    return ImportBatch.objects.get()


READ = ["preview", "batch"]
WRITE = ["preview_rows", "preview_apply", "preview_discard", "batch_undo"]


def address(name, batch):
    return reverse(f"bills:{name}", args=[batch.pk if name.startswith("batch") else batch.preview_id])


@pytest.mark.parametrize("name", READ + WRITE + ["preview_columns"])
def test_an_outsider_finds_no_page(client, applied, name):
    stranger = make_user()
    make_household(stranger)
    signed_in(client, stranger)
    answer = client.post(address(name, applied)) if name in WRITE else client.get(address(name, applied))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", WRITE)
def test_a_viewer_changes_nothing(client, applied, household, name):
    viewer = make_member(household, role=Role.VIEWER).user
    signed_in(client, viewer)
    assert client.post(address(name, applied)).status_code == 403
    assert Bill.objects.count() == 29


def test_a_viewer_looks_but_does_not_upload(client, applied, household):
    signed_in(client, make_member(household, role=Role.VIEWER).user)
    assert client.get(reverse("bills:data")).status_code == 200
    assert client.get(address("batch", applied)).status_code == 200
    assert client.get(reverse("bills:upload", args=["bills"])).status_code == 403
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("name", WRITE)
def test_a_link_alone_changes_nothing(client, applied, name):
    assert client.get(address(name, applied)).status_code == 405


def test_an_unknown_kind_or_number_is_no_page(client, household):
    assert client.get(reverse("bills:upload", args=["clients"])).status_code == 404
    assert client.get(reverse("bills:preview", args=[99])).status_code == 404
    assert client.get(reverse("bills:batch", args=[99])).status_code == 404
