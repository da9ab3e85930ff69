"""The pages of payments: found, recorded, applied, proven, void."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import Allocation, Payment, Proof, Refund
from billing.reports.balances import credit, outstanding
from tests.factories import (
    make_allocation,
    make_client,
    make_issued,
    make_office,
    make_office_user,
    make_payer_group,
    make_payment,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
PDF = b"%PDF-1.7\nA slip\n%%EOF\n"
SLIP = {
    "paid_on": "2026-11-20",
    "amount": "1.250,50",
    "currency": "PHP",
    "method": "cash",
    "manual_number": "OR 7",
}


@pytest.fixture(autouse=True)
def office(settings):
    settings.STORAGES = {**settings.STORAGES}  # an empty one in memory
    return make_office()


@pytest.fixture
def biller(client):
    user = make_office_user("Biller")
    client.force_login(user)
    return user


@pytest.fixture
def reviewer(client):
    user = make_office_user("Reviewer")
    client.force_login(user)
    return user


@pytest.fixture
def payer():
    return make_client(name="Abad & Sons", group="Family")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# --- the list ----------------------------------------------------------------------------------
def test_each_filter_narrows_the_list_and_the_totals_follow(client, biller, payer):
    applied = make_payment(payer, "600.00", manual_number="OR 1", method="cash")
    make_allocation(applied, make_issued(client=payer), "600.00")
    make_payment(payer, "40.00", manual_number="OR 2", paid_on=dt.date(2026, 10, 31), reference="BDO-77")
    make_payment(payer, "9.00", state="draft", manual_number="OR 3")
    make_payment(make_client(name="Zobel", currency="USD"), "5.00", manual_number="XY 4")

    def shown(address: str) -> set[str]:
        return {
            payment.manual_number for payment in client.get(f"/billing/payments/{address}").context["page"]
        }

    assert shown("") == {"OR 1", "OR 2", "OR 3", "XY 4"}
    assert shown("?state=draft") == {"OR 3"}
    assert shown("?state=posted") == {"OR 1", "OR 2", "XY 4"}
    assert shown("?state=credit") == {"OR 2", "XY 4"}
    assert shown("?method=cash") == {"OR 1"}
    assert shown("?month=2026-10") == {"OR 2"}
    assert shown(f"?client={payer.pk}") == {"OR 1", "OR 2", "OR 3"}
    assert shown("?q=o r2") == shown("?q=bdo") == {"OR 2"}
    assert shown("?q=ZOBEL") == {"XY 4"}
    assert shown("?q=%00&state=x&method=x&month=2026-13&client=x&page=x") == {"OR 1", "OR 2", "OR 3", "XY 4"}
    totals = client.get("/billing/payments/").context["totals"]
    figures = [(one.currency, one.amount, one.applied, one.credit) for one in totals]
    assert figures == [("PHP", 640, 600, 40), ("USD", 5, 0, 5)]
    totals = client.get("/billing/payments/?state=credit").context["totals"]
    assert [(one.currency, one.credit) for one in totals] == [("PHP", 40), ("USD", 5)]
    assert client.get("/billing/payments/").context["waiting"] == {"draft": 1, "posted": 3}


def test_the_csv_has_every_listed_payment_and_exact_amounts(client, biller, payer):
    paid = make_payment(payer, "600.00", manual_number="=1+1")
    make_allocation(paid, make_issued(client=payer), "250.00")
    make_payment(payer, "9.00", state="draft")
    answer = client.get("/billing/payments/csv/?state=posted")
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["amount"], row["applied"], row["credit"]) == ("600.00", "250.00", "350.00")
    assert (row["manual number"], row["client"], row["paid on"]) == ("'=1+1", "Abad & Sons", "2026-11-02")


def test_the_list_and_a_page_ask_the_same_number_of_questions_however_much_there_is(client, biller, payer):
    paid = make_payment(payer, "600.00")

    def fill(count):
        for _ in range(count):
            owed = make_issued(client=payer, amount="5.00")
            make_allocation(paid, owed, "5.00")
            make_issued(client=payer, amount="5.00")
            make_payment(payer)

    for address in ("/billing/payments/", "/billing/payments/csv/", f"/billing/payments/{paid.pk}/"):
        counts = []
        for count in (1, 5):
            fill(count)
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        assert counts[0] == counts[1] < 30, address


# --- recorded ----------------------------------------------------------------------------------
def test_a_payment_is_recorded_and_posted_in_one_go(client, biller, payer):
    page = client.post(f"/billing/payments/new/?client={payer.pk}", SLIP | {"post": "1"}, follow=True)
    payment = Payment.objects.get()
    assert (payment.state, payment.amount, payment.client) == ("posted", Decimal("1250.50"), payer)
    assert "₱1,250.50 from Abad &amp; Sons is posted." in text_of(page)


def test_a_draft_is_saved_edited_posted_and_another_one_deleted(client, biller, payer):
    client.post(f"/billing/payments/new/?client={payer.pk}", SLIP | {"manual_number": ""})
    draft = Payment.objects.get()
    url = f"/billing/payments/{draft.pk}/"
    refused = client.post(f"{url}post/", follow=True)
    assert "Give the manual invoice number" in text_of(refused)
    client.post(f"{url}edit/", SLIP | {"amount": "7,5"})
    client.post(f"{url}post/")
    draft.refresh_from_db()
    assert (draft.state, draft.amount, draft.recorded_by) == ("posted", Decimal("7.50"), biller)
    assert "Only a draft can be edited." in text_of(client.get(f"{url}edit/", follow=True))
    other = make_payment(payer, state="draft")
    client.post(f"/billing/payments/{other.pk}/delete/")
    assert not Payment.objects.filter(pk=other.pk).exists()


def test_what_was_typed_stays_when_it_is_refused_and_nothing_is_saved(client, biller, payer):
    url = f"/billing/payments/new/?client={payer.pk}"
    answer = client.post(url, SLIP | {"manual_number": "", "post": "1", "reference": "BDO 7"})
    assert answer.status_code == 422
    assert "Give the manual invoice number" in text_of(answer)
    assert 'value="BDO 7"' in text_of(answer)
    yen = client.post(url, SLIP | {"currency": "JPY", "amount": "10.5"})
    assert "10.5 has more decimal places than JPY allows (0)." in text_of(yen)
    assert client.post(url, {}).status_code == 422
    assert not Payment.objects.exists()


def test_the_client_is_searched_first_and_an_inactive_one_may_still_pay(client, biller):
    make_client(name="Gone Fishing", is_active=False)
    assert "Gone Fishing" in text_of(client.get("/billing/payments/new/?q=gone"))
    assert client.get("/billing/payments/new/?client=999").status_code == 422


# --- applied -----------------------------------------------------------------------------------
def test_a_suggestion_fills_the_form_in_and_applies_nothing(client, biller, payer):
    """P3: the payer's own come first, those of its payer group under their names; a label makes no group."""
    paid = make_payment(payer, "600.00")
    late = make_issued(client=payer, amount="500.00")
    make_payer_group(payer, sisters := make_client(name="A sister"))
    sister = make_issued(client=sisters, amount="300.00", due_date=late.due_date - dt.timedelta(days=1))
    other = make_issued(client=make_client(group="Family"), amount="300.00")
    empty = client.get(f"/billing/payments/{paid.pk}/").context["allocate_form"]
    assert [field.value() for _, field in empty.rows()] == [None, None]
    filled = client.get(f"/billing/payments/{paid.pk}/?suggest=oldest").context["allocate_form"]
    assert [(one, field.initial) for one, field in filled.rows()] == [(late, 500), (sister, 100)]
    assert other not in filled.statements
    assert [(of, [one for one, _field in rows]) for of, rows in filled.rows_by_client()] == [
        (payer, [late]), (sisters, [sister])
    ]  # fmt: skip
    assert "A sister, of the same payer group" in text_of(client.get(f"/billing/payments/{paid.pk}/"))
    assert not Allocation.objects.exists()


def test_amounts_are_applied_all_or_none_with_comma_or_point(client, biller, payer):
    paid = make_payment(payer, "600.00")
    one, two = (make_issued(client=payer, amount="300.00") for _ in range(2))
    url, names = f"/billing/payments/{paid.pk}/allocate/", [f"apply-amount-{row.pk}" for row in (one, two)]
    answer = client.post(url, {names[0]: "100,50", names[1]: "300.01"})
    assert answer.status_code == 422
    assert f"₱300.00 is owed on {two}" in text_of(answer)
    assert 'value="100,50"' in text_of(answer)
    assert not Allocation.objects.exists()
    assert "Give an amount for one statement at least." in text_of(client.post(url, {names[0]: ""}))
    assert "is not an amount" in text_of(client.post(url, {names[0]: "a lot"}))
    page = client.post(url, {names[0]: "100,50", names[1]: "300"}, follow=True)
    assert "₱400.50 of Payment" in text_of(page)
    assert (credit(paid), outstanding(one), outstanding(two)) == (Decimal("199.50"), Decimal("199.50"), 0)


def test_an_amount_is_taken_off_with_day_and_reason_and_stays_there_struck_through(client, biller, payer):
    paid, owed = make_payment(payer, "600.00"), make_issued(client=payer)
    row = make_allocation(paid, owed, "100.00")
    url, names = f"/billing/payments/allocations/{row.pk}/unapply/", f"unapply-{row.pk}-"
    early = client.post(url, {f"{names}effective_on": "2026-11-01", f"{names}reason": "Wrong month"})
    assert early.status_code == 422
    assert "2026-11-03 at the earliest" in text_of(early)
    assert "Wrong month" in text_of(early)
    page = client.post(
        url, {f"{names}effective_on": "2026-11-10", f"{names}reason": "Wrong month"}, follow=True
    )
    assert "<del>₱100.00</del>" in text_of(page)
    assert "Wrong month" in text_of(page)
    assert credit(paid) == 600
    assert client.post("/billing/payments/allocations/999/unapply/").status_code == 404


def test_of_a_verified_payment_a_biller_sees_no_way_to_take_off(client, biller, payer):
    paid, owed = make_payment(payer, "600.00"), make_issued(client=payer)
    row = make_allocation(paid, owed, "100.00")
    services.verify_payment(actor=make_office_user("Reviewer"), payment=paid)
    assert "Un-apply from" not in text_of(client.get(f"/billing/payments/{paid.pk}/"))
    refused = client.post(f"/billing/payments/allocations/{row.pk}/unapply/", {"sent": "1"}, follow=True)
    assert "you may not verify" in text_of(refused)


# --- verified, void, refunded ------------------------------------------------------------------
def test_a_reviewer_verifies_what_somebody_else_recorded(client, reviewer, payer):
    paid, own = make_payment(payer), make_payment(payer, by=reviewer)
    client.post(f"/billing/payments/{paid.pk}/verify/")
    refused = client.post(f"/billing/payments/{own.pk}/verify/", follow=True)
    assert "somebody else verifies it" in text_of(refused)
    states = dict(Payment.objects.values_list("pk", "state"))
    assert states == {paid.pk: "verified", own.pk: "posted"}
    assert "In the audit log" in text_of(client.get(f"/billing/payments/{paid.pk}/"))


def test_a_void_asks_for_cause_reason_and_the_number_typed(client, reviewer, payer):
    paid = make_payment(payer, manual_number="OR 7")
    url, sent = (
        f"/billing/payments/{paid.pk}/void/",
        {"void-cause": "bounced", "void-reason": "Came back unpaid"},
    )
    wrong = client.post(url, sent | {"void-number": "OR 8"})
    assert wrong.status_code == 422
    assert "This is not its number, OR 7." in text_of(wrong)
    short = client.post(url, sent | {"void-number": "OR 7", "void-reason": "no"})
    assert "at least 5 characters" in text_of(short)
    page = client.post(url, sent | {"void-number": "OR 7"}, follow=True)
    assert "is void; its number is free again" in text_of(page)
    assert Payment.objects.get().state == "void"
    assert "Void this payment" not in text_of(page)


def test_a_refund_sent_twice_is_recorded_once_and_can_be_voided(client, reviewer, payer):
    paid = make_payment(payer, "600.00")
    url = f"/billing/payments/{paid.pk}/refund/"
    seen = client.get(f"/billing/payments/{paid.pk}/").context["version"]
    sent = {"refund-amount": "60", "refund-method": "cash", "refund-reason": "Paid too much", "seen": seen}
    assert client.post(url, sent | {"refund-amount": "600.01"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    assert "changed since you saw it" in text_of(client.post(url, sent))
    refund = Refund.objects.get()
    assert credit(paid) == 540
    void = f"/billing/payments/refunds/{refund.pk}/void/"
    assert client.post(void, {f"void-refund-{refund.pk}-reason": "no"}).status_code == 422
    client.post(void, {f"void-refund-{refund.pk}-reason": "Never sent"})
    assert credit(paid) == 600


# --- proofs ------------------------------------------------------------------------------------
def test_a_proof_is_attached_given_out_as_a_download_and_removed(client, biller, payer):
    paid = make_payment(payer)
    url = f"/billing/payments/{paid.pk}/proofs/"
    client.post(url, {"proof-file": SimpleUploadedFile("slip é.pdf", PDF, "text/html")})
    proof = Proof.objects.get()
    answer = client.get(f"/billing/payments/proofs/{proof.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert proof.path not in text_of(client.get(f"/billing/payments/{paid.pk}/"))
    client.post(f"/billing/payments/proofs/{proof.pk}/remove/")
    assert not Proof.objects.exists()


def test_a_wrong_file_is_refused_in_its_form_and_a_changed_one_is_not_given_out(client, biller, payer):
    paid = make_payment(payer)
    url = f"/billing/payments/{paid.pk}/proofs/"
    wrong = client.post(url, {"proof-file": SimpleUploadedFile("slip.pdf", b"<script>")})
    assert wrong.status_code == 422
    assert "this file is none of them" in text_of(wrong)
    assert client.post(url, {"sent": "1"}).status_code == 422
    proof = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    default_storage.delete(proof.path)
    page = client.get(f"/billing/payments/proofs/{proof.pk}/", follow=True)
    assert "The stored file is missing" in text_of(page)


def test_outsiders_find_no_proof_and_viewers_only_read(client, payer):
    paid = make_payment(payer)
    proof = services.add_proof(actor=make_office_user("Biller"), payment=paid, name="s.pdf", content=PDF)
    url = f"/billing/payments/proofs/{proof.pk}/"
    client.force_login(make_office_user())
    assert client.get(url).status_code == 404
    client.force_login(make_office_user("Viewer"))
    assert client.get(url).status_code == 200
    assert client.post(f"{url}remove/").status_code == 403
    page = text_of(client.get(f"/billing/payments/{paid.pk}/"))
    assert not any(word in page for word in ("Attach", "Apply the", "Void this", "Refund credit", "History"))


# --- an amount that looks like a slip ------------------------------------------------------------
@pytest.fixture
def billed(client, time_machine):
    """A Biller, and a client whose largest amount is 1,000.00."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False)
    client.force_login(make_office_user("Biller"))
    return make_issued(amount="1000.00").client


def record_and_post(client, billed, amount: str):
    facts = {"paid_on": "2026-11-20", "amount": amount, "currency": "PHP", "method": "cash"}
    data = {**facts, "manual_number": "OR 1", "post": "1"}
    page = client.post(f"/billing/payments/new/?client={billed.pk}", data, follow=True)
    return Payment.objects.get(), page.content.decode()


def test_ten_times_the_largest_amount_is_posted_only_after_its_warning(client, billed):
    """O1"""
    payment, page = record_and_post(client, billed, "10000.00")
    assert payment.state == "draft"
    assert "₱10,000.00 is ten times this client&#x27;s largest amount so far (₱1,000.00) or more" in page
    address = f"/billing/payments/{payment.pk}/post/"
    client.post(address)
    client.post(address, {"confirmed": "9999.00"})
    assert Payment.objects.get().state == "draft"
    client.post(address, {"confirmed": "10000.00"})
    assert Payment.objects.get().state == "posted"


def test_less_than_ten_times_is_posted_at_once(client, billed):
    """O1"""
    assert record_and_post(client, billed, "9999.99")[0].state == "posted"


def test_a_client_without_books_has_nothing_to_compare_with(client, billed):
    assert record_and_post(client, make_client(), "99999999999.99")[0].state == "posted"
