"""The pages of clients, contacts, engagements and the office."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from billing import services
from billing.models import Client, Contact, Engagement, OfficeProfile
from billing.services.documents import logos_of
from billtracker.core.models import AuditEntry
from tests.billing.samples import PIXEL
from tests.factories import make_client, make_draft, make_engagement, make_office, make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
CLIENT = {"name": "Acme", "currency": "PHP"}
ENGAGEMENT = {
    "title": "Books", "kind": "retainer", "starts_on": "2026-01-01", "interval_months": "1",
    "billing_day": "1", "timing": "advance", "partial_periods": "full", "fee": "8.750,50",
}  # fmt: skip
OFFICE = {"name": "Reyes & Co.", "currency": "PHP", "terms_days": "15", "time_zone": "Asia/Manila",
          "requires_second_person": "on"}  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def biller(office):
    return make_office_user("Biller")


@pytest.fixture
def client(client, biller):
    client.force_login(biller)
    return client


def text(response) -> str:
    return response.content.decode()


def drawn(form="PNG", size=(4, 4)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form)
    return out.getvalue()


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


# --- the list ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Abad", "Casa Niña"]),
        ("?q=NIÑA", ["Casa Niña"]),
        ("?q=702-781", ["Abad"]),
        ("?q=ap@casa", ["Casa Niña"]),
        ("?group=South", ["Casa Niña"]),
        ("?show=inactive", ["Gone"]),
        ("?show=all", ["Abad", "Casa Niña", "Gone"]),
        ("?q=nobody", []),
        ("?q=%00&group=%00", ["Abad", "Casa Niña"]),
        ("?show=x&page=99", ["Abad", "Casa Niña"]),
    ],
)
def test_the_list_and_its_table_hold_what_the_address_asks_for(client, query, names):
    make_client(name="Abad", tax_number="702-781")
    make_client(name="Casa Niña", group="South").contacts.create(name="A", email="ap@casa.example")
    make_client(name="Gone", is_active=False)
    page = client.get(f"/billing/clients/{query}")
    assert [row.name for row in page.context["page"]] == names
    table = csv.DictReader(io.StringIO(text(client.get(f"/billing/clients/csv/{query}")).lstrip("\ufeff")))
    assert [row["client"] for row in table] == names


def test_a_client_that_looks_like_a_formula_is_harmless_in_the_table(client):
    make_client(name="=1+1")
    assert "'=1+1" in text(client.get("/billing/clients/csv/"))


def queries_of(client, url) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_pages_ask_as_often_for_one_as_for_many(client):
    first = make_engagement(make_client(name="A")).client
    make_draft(first)
    urls = ("/billing/clients/", "/billing/clients/csv/", f"/billing/clients/{first.pk}/")
    before = [queries_of(client, url) for url in urls]
    for number in range(20):
        make_engagement(make_client(name=f"B{number}")).client.contacts.create(name="x")
        make_engagement(first, title=f"T{number}")
        make_draft(first)
    assert [queries_of(client, url) for url in urls] == before


# --- a client ----------------------------------------------------------------------------------
def test_a_client_is_added_with_its_tags_and_aliases(client):
    data = {**CLIENT, "tags": "vip, North,vip", "aliases": "ACME Inc.\nA.C.M.E.", "terms_days": "0"}
    answer = client.post("/billing/clients/new/", data)
    found = Client.objects.get()
    assert answer.url == f"/billing/clients/{found.pk}/"
    assert (found.tags, found.aliases, found.terms_days) == (["vip", "North"], ["ACME Inc.", "A.C.M.E."], 0)
    assert AuditEntry.objects.get(action="client.created").changes["name"] == [None, "Acme"]
    page = text(client.get(answer.url))
    assert "ACME Inc., A.C.M.E." in page
    assert "vip" in page


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "  acmé  "}, "name"),
        ({"name": "\ufdfa" * 60}, "name"),
        ({"name": ""}, "name"),
        ({"currency": "XXY"}, "currency"),
        ({"terms_days": "366"}, "terms_days"),
        ({"terms_days": "-1"}, "terms_days"),
        ({"tags": ",".join(map(str, range(31)))}, "tags"),
        ({"aliases": "x" * 81}, "aliases"),
        ({"header_note": "x" * 201}, "header_note"),
        ({"address": "x" * 601}, "address"),
    ],
)
def test_a_wrong_client_comes_back_with_what_was_typed(client, data, field):
    make_client(name="Acmé")
    answer = client.post("/billing/clients/new/", {**CLIENT, **data})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Client.objects.count() == 1


def test_a_client_is_made_inactive_instead_of_deleted(client):
    found = make_client(name="Acme")
    client.post(f"/billing/clients/{found.pk}/edit/", CLIENT)
    assert not Client.objects.get().is_active
    assert AuditEntry.objects.get(scope="office").changes == {"is_active": [True, False]}


def test_the_currency_of_a_billed_client_is_refused_beside_its_field(client):
    found = make_client(name="Acme", currency="PHP")
    make_draft(found)
    answer = client.post(
        f"/billing/clients/{found.pk}/edit/", {**CLIENT, "currency": "USD", "is_active": "on"}
    )
    assert "its currency stays" in answer.context["form"].errors["currency"][0]


def test_the_page_shows_the_fee_in_force_and_the_next_period(client):
    engagement = make_engagement(fee="100", interval_months=3, starts_on=dt.date(2026, 2, 1))
    engagement.fee_steps.create(starts_on=dt.date(2026, 12, 1), amount=Decimal("120"))
    [row] = client.get(f"/billing/clients/{engagement.client_id}/").context["rows"]
    # Periods begin in February, May, August, November; November's is not billed yet.
    assert (row.fee, str(row.next_month)) == (Decimal("100"), "2026-11")
    make_draft(
        engagement.client,
        kind="retainer",
        engagement=engagement,
        period_start=dt.date(2026, 11, 1),
        period_end=dt.date(2027, 2, 1),
    )
    [row] = client.get(f"/billing/clients/{engagement.client_id}/").context["rows"]
    assert str(row.next_month) == "2027-02"
    Client.objects.update(is_active=False)
    [row] = client.get(f"/billing/clients/{engagement.client_id}/").context["rows"]
    assert row.next_month is None


# --- logos -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("content", "suffix"), [(drawn(), "png"), (drawn("JPEG"), "jpg"), (PIXEL, "png")])
def test_a_logo_is_stored_under_the_digest_of_its_content(client, content, suffix):
    client.post("/billing/clients/new/", {**CLIENT, "new_logo": upload(content, "../../evil.svg")})
    found = Client.objects.get()
    assert found.logo.name.startswith("logos/")
    assert found.logo.name.endswith(suffix)
    shown = client.get(f"/billing/clients/{found.pk}/logo/")
    assert b"".join(shown.streaming_content) == content
    assert shown["Content-Type"] in ("image/png", "image/jpeg")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "neither"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither"),
        (b"GIF89a" + b"x" * 50, "neither"),
        (drawn()[:40], "neither"),
        (drawn("GIF"), "neither"),
        (drawn() + b"x" * 210_000, "at most 200 kB"),
        (drawn(size=(3_001, 1)), "at most 3000 pixels"),
    ],
)
def test_what_is_no_small_picture_is_refused(client, content, sentence):
    answer = client.post("/billing/clients/new/", {**CLIENT, "new_logo": upload(content)})
    assert sentence in answer.context["form"].errors["new_logo"][0]
    assert not Client.objects.exists()


def test_a_changed_logo_leaves_issued_documents_theirs(client, biller):
    first, second = drawn(), drawn(size=(5, 5))
    client.post("/billing/clients/new/", {**CLIENT, "new_logo": upload(first)})
    found = Client.objects.get()
    draft = make_draft(found, created_by=biller)
    services.submit_statement(actor=biller, statement=draft)
    issued = services.issue_statement(actor=make_office_user("Reviewer"), statement=draft)
    edit = f"/billing/clients/{found.pk}/edit/"
    client.post(edit, {**CLIENT, "is_active": "on", "new_logo": upload(second)})
    client.post(edit, {**CLIENT, "is_active": "on", "has_no_logo": "on"})
    assert Client.objects.get().logo.name == ""
    assert logos_of(issued.snapshot)["client"] == first


# --- contacts ----------------------------------------------------------------------------------
def test_a_contact_is_added_changed_and_removed(client):
    found = make_client()
    data = {"name": "Ann", "email": "ann@acme.example", "is_billing_recipient": "on"}
    client.post(f"/billing/clients/{found.pk}/contacts/new/", data)
    contact = Contact.objects.get()
    assert (contact.client, contact.is_billing_recipient) == (found, True)
    client.post(f"/billing/clients/contacts/{contact.pk}/", {**data, "role": "CFO"})
    client.post(f"/billing/clients/contacts/{contact.pk}/remove/", data)
    entries = AuditEntry.objects.filter(scope="office").order_by("position")
    actions = list(entries.values_list("action", flat=True))
    assert actions == ["contact.created", "contact.edited", "contact.removed"]
    assert not Contact.objects.exists()


def test_who_gets_documents_needs_an_address(client):
    data = {"name": "Ann", "is_billing_recipient": "on"}
    answer = client.post(f"/billing/clients/{make_client().pk}/contacts/new/", data)
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors


# --- engagements -------------------------------------------------------------------------------
def test_an_engagement_is_added_with_its_fee(client):
    answer = client.post(f"/billing/clients/{make_client().pk}/engagements/new/", ENGAGEMENT)
    found = Engagement.objects.get()
    assert answer.url == f"/billing/engagements/{found.pk}/"
    assert found.fee_steps.get().amount == Decimal("8750.50")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"title": ""}, "title"),
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"ends_on": "2025-12-31"}, "__all__"),
        ({"interval_months": "5"}, "interval_months"),
        ({"billing_day": "0"}, "billing_day"),
        ({"billing_day": "32"}, "billing_day"),
        ({"fee": ""}, "fee"),
        ({"fee": "lots"}, "fee"),
        ({"fee": "-5"}, "fee"),
        ({"fee": "0.001"}, "fee"),
    ],
)
def test_a_wrong_engagement_comes_back(client, data, field):
    url = f"/billing/clients/{make_client().pk}/engagements/new/"
    answer = client.post(url, {**ENGAGEMENT, **data})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Engagement.objects.exists()


def test_an_engagement_is_suspended_resumed_and_ended_from_its_page(client):
    found = make_engagement()
    url = f"/billing/engagements/{found.pk}/"
    assert "Suspended" in text(client.post(f"{url}suspend/", follow=True))
    client.post(f"{url}resume/")
    answer = client.post(f"{url}end/", {"end-last_day": "2024-01-01"})
    assert answer.status_code == 422
    assert "on or after its first day" in text(answer)
    client.post(f"{url}end/", {"end-last_day": "2026-12-31", "end-is_final": "on"})
    found.refresh_from_db()
    assert (found.status, found.ends_on) == ("ended", dt.date(2026, 12, 31))


def test_a_fee_is_added_and_removed_and_a_refusal_stands_beside_its_field(client):
    found = make_engagement(fee="100")
    url = f"/billing/engagements/{found.pk}/"
    client.post(f"{url}fees/", {"fee-starts_on": "2027-01-01", "fee-amount": "1.250,00"})
    step = found.fee_steps.get(starts_on=dt.date(2027, 1, 1))
    assert step.amount == Decimal("1250.00")
    client.post(f"/billing/engagements/fees/{step.pk}/remove/")
    assert found.fee_steps.count() == 1
    answer = client.post(f"{url}fees/", {"fee-starts_on": "2024-01-01", "fee-amount": "5"})
    assert answer.status_code == 422
    assert "The engagement begins on 2025-01-01" in text(answer)


# --- the office --------------------------------------------------------------------------------
def test_an_admin_changes_the_office_and_each_change_is_in_the_log(client, office):
    client.force_login(make_office_user("Admin"))
    data = {**OFFICE, "footer": "Makati", "new_logo": upload(PIXEL)} | {"requires_second_person": ""}
    assert client.post("/billing/office/", data).status_code == 302
    changes = AuditEntry.objects.get(scope="office").changes
    assert changes["footer"] == ["", "Makati"]
    assert changes["requires_second_person"] == [True, False]
    assert changes["logo"][1].startswith("logos/")
    assert "one person can bill alone" in text(client.get("/billing/office/"))
    assert client.get("/billing/office/logo/").status_code == 200


def test_the_first_admin_fills_the_profile_in(client):
    OfficeProfile.objects.all().delete()
    client.force_login(make_office_user("Admin"))
    client.post("/billing/office/", OFFICE)
    assert OfficeProfile.objects.get().name == "Reyes & Co."


def test_a_wrong_profile_comes_back(client):
    client.force_login(make_office_user("Admin"))
    answer = client.post("/billing/office/", {**OFFICE, "time_zone": "Mars", "name": ""})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"time_zone", "name"}


@pytest.mark.parametrize("role", ["Biller", "Reviewer", "Viewer"])
def test_others_read_the_office(client, role):
    client.force_login(make_office_user(role))
    page = text(client.get("/billing/office/"))
    assert "Reyes &amp; Co." in page
    assert 'name="footer"' not in page
    assert client.post("/billing/office/", OFFICE).status_code == 403


# --- the file ----------------------------------------------------------------------------------
def test_a_file_of_clients_goes_all_the_way_and_back(client):
    content = b"client,engagement,type,start,fee,interval\nAcme,Books,retainer,2026-01-01,100.50,monthly\n"
    file = {"file": upload(content, "c.csv")}
    columns = client.post("/billing/files/import/clients/", file, follow=True)
    form = columns.context["form"]
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    preview = client.post(columns.request["PATH_INFO"], data).url
    assert "Acme" in text(client.get(preview))
    batch = client.post(f"{preview}apply/", {"shown": "2", "chosen": "2"}).url
    assert (Client.objects.get().currency, Engagement.objects.get().title) == ("PHP", "Books")
    client.post(f"{batch}undo/")
    assert not Client.objects.exists()
