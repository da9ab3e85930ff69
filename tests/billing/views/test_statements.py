"""The pages of statements and of the number register."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import Client, Counter, Sequence, Statement
from tests.factories import make_client, make_draft, make_issued, make_office, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
NUMBER = "SOA-2026-0001"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def reviewer():
    return make_office_user("Reviewer")


@pytest.fixture
def issued(biller, reviewer):
    draft = services.submit_statement(actor=biller, statement=make_draft(amount="1234.50"))
    return services.issue_statement(actor=reviewer, statement=draft)


def lines_of(*rows, total=4):
    data = {"lines-TOTAL_FORMS": total, "lines-INITIAL_FORMS": 0}
    for at, row in enumerate(rows):
        data |= {f"lines-{at}-{name}": value for name, value in row.items()}
    return data


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# --- drafts ------------------------------------------------------------------------------------
def test_a_special_statement_is_written_with_comma_or_point_and_empty_rows_are_left_out(client, biller):
    client.force_login(biller)
    payer = make_client()
    rows = ({"description": "Audit", "quantity": "2,5", "unit_price": "1.200,00"}, {},
            {"description": "Discount", "unit_price": "-100"})  # fmt: skip
    page = client.post(f"/billing/statements/new/?client={payer.pk}", lines_of(*rows), follow=True)
    draft = Statement.objects.get()
    assert draft.total == Decimal("2900.00")
    assert [line.description for line in draft.lines.all()] == ["Audit", "Discount"]
    assert "₱2,900.00" in text_of(page)


def test_what_was_typed_stays_when_rows_are_added_or_a_line_is_wrong(client, biller):
    client.force_login(biller)
    url = f"/billing/statements/new/?client={make_client().pk}"
    rows = lines_of({"description": "Audit", "unit_price": "a lot"})
    more = client.post(url, rows | {"add_rows": "1"})
    assert more.status_code == 200
    assert more.context["lines"].total_form_count() == 7
    refused = client.post(url, rows)
    assert refused.status_code == 422
    assert "is not an amount" in text_of(refused)
    assert 'value="Audit"' in text_of(refused)
    assert not Statement.objects.exists()


def test_a_negative_total_and_a_due_date_before_the_issue_are_refused_in_words(client, biller):
    client.force_login(biller)
    url = f"/billing/statements/new/?client={make_client().pk}"
    negative = client.post(url, lines_of({"description": "A", "unit_price": "-1"}))
    assert "cannot be below zero" in text_of(negative)
    dates = {"issue_date": "2026-11-20", "due_date": "2026-11-19"}
    early = client.post(url, lines_of({"description": "A", "unit_price": "1"}) | dates)
    assert "on or after its issue date" in text_of(early)
    assert not Statement.objects.exists()


def test_a_draft_is_edited_in_place_and_a_line_removed(client, biller):
    client.force_login(biller)
    draft = make_draft()
    url = f"/billing/statements/{draft.pk}/edit/"
    assert 'value="Audit"' in text_of(client.get(url))
    rows = ({"description": "Audit", "unit_price": "1000", "is_removed": "on"},
            {"description": "Tax return", "unit_price": "400"})  # fmt: skip
    client.post(url, lines_of(*rows))
    draft.refresh_from_db()
    assert draft.total == Decimal("400")
    assert [line.description for line in draft.lines.all()] == ["Tax return"]


def test_a_submitted_draft_cannot_be_edited(client, biller):
    client.force_login(biller)
    draft = services.submit_statement(actor=biller, statement=make_draft())
    page = client.get(f"/billing/statements/{draft.pk}/edit/", follow=True)
    assert "Only a draft can be edited." in text_of(page)


# --- acts --------------------------------------------------------------------------------------
def test_a_draft_goes_from_submitted_over_returned_to_issued_and_void_and_is_reissued(
    client, biller, reviewer
):
    draft = make_draft()
    url = f"/billing/statements/{draft.pk}/"
    client.force_login(biller)
    client.post(f"{url}submit/")
    client.force_login(reviewer)
    assert "Returned: The fee" in text_of(
        client.post(f"{url}return/", {"return-comment": "The fee"}, follow=True)
    )
    client.force_login(biller)
    client.post(f"{url}submit/")
    client.force_login(reviewer)
    page = client.post(f"{url}issue/", {"issue-issue_date": "2026-11-02"}, follow=True)
    assert f"{NUMBER} is issued to" in text_of(page)
    wrong = client.post(f"{url}void/", {"void-reason": "Wrong client", "void-number": "SOA"})
    assert wrong.status_code == 422
    assert "This is not its number" in text_of(wrong)
    short = client.post(f"{url}void/", {"void-reason": "No", "void-number": NUMBER})
    assert "at least 5 characters" in text_of(short)
    client.post(f"{url}void/", {"void-reason": "Wrong client", "void-number": NUMBER})
    draft.refresh_from_db()
    assert draft.state == "void"
    page = client.post(f"{url}reissue/", follow=True)
    assert f'Replaces</dt> <dd><a href="{url}">{NUMBER}' in text_of(page)


def test_who_submitted_it_is_refused_with_a_sentence_and_no_number_is_taken(client, reviewer):
    draft = services.submit_statement(actor=reviewer, statement=make_draft())
    client.force_login(reviewer)
    page = client.post(f"/billing/statements/{draft.pk}/issue/", follow=True)
    assert "somebody else issues it" in text_of(page)
    assert not Counter.objects.exists()


def test_an_issue_date_out_of_reach_stands_beside_its_field(client, biller, reviewer):
    draft = services.submit_statement(actor=biller, statement=make_draft())
    client.force_login(reviewer)
    page = client.post(f"/billing/statements/{draft.pk}/issue/", {"issue-issue_date": "2062-01-01"})
    assert page.status_code == 422
    assert page.context["issue_form"].errors["issue_date"]


def test_a_draft_is_deleted_and_an_issued_statement_is_not(client, biller, issued):
    client.force_login(biller)
    draft = make_draft()
    client.post(f"/billing/statements/{draft.pk}/delete/")
    client.post(f"/billing/statements/{issued.pk}/delete/")
    assert list(Statement.objects.all()) == [issued]


@pytest.mark.parametrize("state", ["draft", "issued"])
def test_internal_notes_are_saved_on_the_page_in_any_state(client, biller, issued, state):
    client.force_login(biller)
    statement = issued if state == "issued" else make_draft()
    url = f"/billing/statements/{statement.pk}/"
    page = client.post(f"{url}notes/", {"note-notes": "Called <them>", "before": ""}, follow=True)
    assert "Called &lt;them&gt;" in text_of(page)
    late = client.post(f"{url}notes/", {"note-notes": "Another", "before": ""})
    assert late.status_code == 422
    assert "Somebody else changed the notes meanwhile" in text_of(late)
    assert "Another</textarea>" in text_of(late)
    statement.refresh_from_db()
    assert statement.internal_notes == "Called <them>"
    client.force_login(make_office_user("Viewer"))
    page = client.get(url)
    assert "Called &lt;them&gt;" in text_of(page)
    assert "<textarea" not in text_of(page)


# --- what is issued stays ----------------------------------------------------------------------
def test_the_page_of_an_issued_statement_stays_when_everything_behind_it_changes(client, issued):
    client.force_login(make_office_user("Viewer"))
    url = f"/billing/statements/{issued.pk}/"
    before = client.get(url).context["face"]
    Client.objects.filter(pk=issued.client_id).update(name="Other", address="Elsewhere", currency="USD")
    page = client.get(url)
    assert page.context["face"] == before
    assert "Other" not in text_of(page)
    assert "₱1,234.50" in text_of(page)


def test_page_and_table_name_the_amount_of_the_snapshot(client, issued):
    client.force_login(make_office_user("Viewer"))
    table = client.get("/billing/statements/csv/").content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(table))
    assert (row["number"], row["total"], row["currency"]) == (NUMBER, "1234.50", "PHP")
    assert row["total"] == issued.snapshot["statement"]["total"] == issued.snapshot["lines"][0]["amount"]


def test_the_pdf_is_the_stored_bytes_and_a_changed_file_is_not_given(client, issued):
    client.force_login(make_office_user("Viewer"))
    url = f"/billing/statements/{issued.pk}/pdf/"
    assert "not made yet" in text_of(client.get(url))
    [document] = services.make_documents(source=issued)
    answer = client.get(url)
    assert answer.content == services.read_document(document)
    assert answer["content-type"] == "application/pdf"
    assert f"{NUMBER}.pdf" in answer["content-disposition"]
    assert "private" in answer["cache-control"]
    assert client.get(f"{url}?copy=void").status_code == 404
    default_storage.delete(document.path)
    default_storage.save(document.path, ContentFile(answer.content + b"x"))
    assert "checksum differs" in text_of(client.get(url, follow=True))


# --- the list ----------------------------------------------------------------------------------
def test_the_list_narrows_and_adds_up_per_currency_without_void_ones(client, biller, reviewer, issued):
    services.void_statement(actor=reviewer, statement=issued, reason="Wrong client")
    make_draft(make_client(name="Abad"), amount="10.00")
    make_draft(make_client(name="Bayani", currency="JPY"), amount="500")
    client.force_login(biller)
    page = client.get("/billing/statements/")
    assert page.context["totals"] == {"JPY": Decimal(500), "PHP": Decimal("10.00")}
    assert list(client.get("/billing/statements/?q=0001").context["page"]) == [issued]
    assert list(client.get("/billing/statements/?state=void&year=2026").context["page"]) == [issued]
    assert [one.client.name for one in client.get("/billing/statements/?q=abad").context["page"]] == ["Abad"]


def names_of(page) -> list[str]:
    return [one.client.name for one in page.context["page"]]


def test_the_list_narrows_to_a_client_by_its_name_or_a_part_of_names(client, biller):
    for name in ("Abad", "Abad & Sons", "Bayani"):
        make_draft(make_client(name=name))
    client.force_login(biller)
    url = "/billing/statements/"
    assert names_of(client.get(f"{url}?of=  aBAD ")) == ["Abad"]
    part = client.get(f"{url}?of=aba")
    assert names_of(part) == ["Abad & Sons", "Abad"]
    assert "Of all these clients; choose one:" in text_of(part)
    assert '?of=Abad+%26+Sons"' in text_of(part)
    exact = client.get(f"{url}?of=Abad")
    assert [one.name for one in exact.context["others"]] == ["Abad & Sons"]
    assert names_of(client.get(f"{url}?of=nobody")) == []
    by_key = client.get(f"{url}?client={Client.objects.get(name='Bayani').pk}")
    assert names_of(by_key) == ["Bayani"]
    assert 'value="Bayani"' in text_of(by_key)


def test_two_thousand_clients_make_no_page_longer(client, biller):
    Client.objects.bulk_create(
        Client(name=f"Client {n}", name_key=f"client {n}", currency="PHP") for n in range(2000)
    )
    client.force_login(biller)
    for url in ("/billing/statements/", "/billing/statements/?of=client", "/billing/statements/new/"):
        with CaptureQueriesContext(connection) as seen:
            page = client.get(url)
        assert len(page.content) < 45_000
        assert len(seen) < 20


def test_the_client_of_a_new_statement_is_searched_by_words(client, biller):
    for at in range(25):
        make_client(name=f"Abad {at}", tax_number=f"00{at}")
    gone = make_client(name="Abad closed", is_active=False)
    client.force_login(biller)
    url = "/billing/statements/new/"
    page = client.get(url)
    assert len(page.context["page"]) == 20
    assert "1 to 20 of 25" in text_of(page)
    [found] = client.get(f"{url}?q=abad+24").context["page"]
    assert f'{url}?client={found.pk}"' in text_of(client.get(f"{url}?q=0024"))
    assert "No active client fits" in text_of(client.get(f"{url}?q=closed"))
    for wrong in (gone.pk, "x", 10**17):
        refused = client.get(f"{url}?client={wrong}")
        assert refused.status_code == 422
        assert "no active client" in text_of(refused)


@pytest.mark.parametrize(
    "asked", ["state=%00", "of=%00", "client=x", "period=2026-13", "year=9999", "year=²"]
)
def test_a_filter_that_is_none_is_left_out(client, biller, asked):
    client.force_login(biller)
    draft = make_draft()
    assert list(client.get(f"/billing/statements/?{asked}").context["page"]) == [draft]


@pytest.mark.parametrize("url", ["/billing/statements/", "/billing/sequences/"])
def test_a_page_of_many_asks_no_more_often(client, biller, url):
    client.force_login(biller)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    make_issued(1)
    Counter.objects.update_or_create(
        sequence=Sequence.objects.get(code="SOA"), year=2026, defaults={"last_number": 6}
    )
    queries()
    one = queries()
    for number in range(2, 7):
        make_issued(number)
    assert queries() == one


# --- numbers -----------------------------------------------------------------------------------
def test_the_register_says_that_no_number_is_missing_and_which_is_next(client, biller, issued):
    client.force_login(biller)
    text = text_of(client.get("/billing/sequences/"))
    assert "SOA 2026: 1 to 1, no gap." in text
    assert "Next: SOA-2026-0002 (expected, not reserved)." in text


def test_an_admin_moves_the_counter_with_a_reason_and_never_back(client, issued):
    client.force_login(make_office_user("Admin"))
    url = f"/billing/sequences/{issued.sequence_id}/2026/move/"
    page = client.post(url, {"move-next_number": "10", "move-reason": "Booklet"}, follow=True)
    assert "2 to 9 left out (Booklet)" in text_of(page)
    back = client.post(url, {"move-next_number": "5", "move-reason": "Back"})
    assert back.status_code == 422
    assert "forward only" in text_of(back)


def test_asking_ten_times_for_the_next_number_takes_none(client, biller, issued):
    client.force_login(biller)
    url = f"/api/sequences/{issued.sequence_id}/next_number/"
    answers = {client.get(url).json()["expected"] for _ in range(10)}
    assert answers == {"SOA-2026-0002"}
    assert Counter.objects.get(year=2026).last_number == 1
