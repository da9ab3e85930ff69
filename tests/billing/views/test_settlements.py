"""The money on a statement's page, settlements, credit notes, and what lists and clients show of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import CreditNote, Settlement
from billing.reports.balances import outstanding
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 12, 4, tzinfo=dt.UTC))]


@pytest.fixture(autouse=True)
def office():
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
    return make_client(name="Abad & Sons")


@pytest.fixture
def owed(payer):
    return make_issued(1, client=payer, amount="1000.00")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def page_of(client, statement):
    return client.get(f"/billing/statements/{statement.pk}/")


# --- the block ---------------------------------------------------------------------------------
def test_the_page_says_what_is_settled_by_what_and_what_is_owed(client, biller, payer, owed):
    make_allocation(make_payment(payer, "600.00", manual_number="OR 1"), owed, "600.00")
    services.settle_statement(actor=biller, statement=owed, kind="withholding", amount=Decimal("20.00"))
    page = page_of(client, owed)
    money = page.context["money"]
    assert (money.settled, money.outstanding, money.state) == (620, 380, "partial")
    assert all(
        word in text_of(page) for word in ("Part paid", "Payment OR 1", "Tax withheld", "Pending", "₱380.00")
    )


def test_a_draft_has_no_money_block_and_a_void_one_no_forms(client, reviewer, payer, owed):
    assert "money" not in page_of(client, make_draft(payer)).context
    services.void_statement(actor=reviewer, statement=owed, reason="Billed twice")
    page = page_of(client, owed)
    assert (page.context["may_settle"], page.context["may_credit"]) == (False, False)


def test_the_page_asks_the_same_number_of_questions_however_much_stands_on_it(client, reviewer, payer, owed):
    def count() -> int:
        page_of(client, owed)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, owed)
        return len(queries)

    def settle():
        make_allocation(make_payment(payer, "5.00"), owed, "5.00")
        services.settle_statement(actor=reviewer, statement=owed, kind="withholding", amount=Decimal(2))
        services.issue_credit_note(actor=reviewer, statement=owed, amount=Decimal(2), reason="Too much")

    settle()
    before = count()
    for _ in range(4):
        settle()
    # One for each settlement would be eight more.
    assert count() <= before


def test_the_void_form_lists_what_is_to_be_taken_off(client, reviewer, payer, owed):
    row = make_allocation(make_payment(payer, manual_number="OR 1"), owed, "600.00")
    assert f"/billing/payments/{row.payment_id}/#allocation-{row.pk}" in text_of(page_of(client, owed))
    refused = client.post(
        f"/billing/statements/{owed.pk}/void/",
        {"void-reason": "Billed twice", "void-number": owed.number},
        follow=True,
    )
    assert "settled in part by Payment OR 1" in text_of(refused)


# --- settlements -------------------------------------------------------------------------------
def test_a_part_is_settled_once_however_often_the_form_is_sent(client, biller, owed):
    url, seen = f"/billing/statements/{owed.pk}/settle/", page_of(client, owed).context["money_version"]
    sent = {"settle-kind": "bank_charge", "settle-amount": "12,50", "seen": seen}
    assert client.post(url, sent).status_code == 302
    assert outstanding(owed) == Decimal("987.50")
    again = client.post(url, sent)
    assert again.status_code == 422
    assert "changed since you saw it" in text_of(again)
    assert 'value="12,50"' in text_of(again)
    assert Settlement.objects.count() == 1


def test_a_biller_is_offered_no_write_off_and_sending_one_is_refused(client, biller, owed):
    kinds = [kind for kind, _ in page_of(client, owed).context["settle_form"].fields["kind"].choices]
    assert kinds == ["withholding", "bank_charge", "rounding"]
    sent = {"settle-kind": "write_off", "settle-amount": "1", "settle-reason": "Not worth it"}
    assert client.post(f"/billing/statements/{owed.pk}/settle/", sent).status_code == 422
    assert not Settlement.objects.exists()


def test_a_certificate_is_noted_when_it_came(client, biller, owed):
    row = services.settle_statement(actor=biller, statement=owed, kind="withholding", amount=Decimal(20))
    url, prefix = f"/billing/settlements/{row.pk}/certificate/", f"certificate-{row.pk}-"
    sent = {f"{prefix}number": "2307-1", f"{prefix}received_on": "2026-11-13"}
    early = client.post(url, sent)
    assert early.status_code == 422
    assert "The day is in the future." in text_of(early)
    client.post(url, sent | {f"{prefix}received_on": "2026-11-12"})
    row.refresh_from_db()
    assert (row.certificate_number, row.certificate_received_on) == ("2307-1", dt.date(2026, 11, 12))


def test_a_reviewer_voids_a_settlement_with_a_reason(client, reviewer, owed):
    row = services.settle_statement(actor=reviewer, statement=owed, kind="bank_charge", amount=Decimal(20))
    url, name = f"/billing/settlements/{row.pk}/void/", f"void-settlement-{row.pk}-reason"
    assert client.post(url, {name: "no"}).status_code == 422
    page = client.post(url, {name: "The bank gave it back"}, follow=True)
    words = [word for word, _entry in page.context["history"]]
    assert words == ["Settled", "Settlement voided"]
    assert "<del>₱20.00</del>" in text_of(page)
    assert outstanding(owed) == 1000


def test_a_refusal_is_said_even_when_the_page_has_no_form_for_it_any_more(client, reviewer, payer, owed):
    row = services.settle_statement(actor=reviewer, statement=owed, kind="withholding", amount=Decimal(20))
    seen = page_of(client, owed).context["money_version"]
    make_allocation(make_payment(payer), owed, "980.00")
    sent = {"settle-kind": "bank_charge", "settle-amount": "1", "seen": seen}
    assert "changed since you saw it" in text_of(client.post(f"/billing/statements/{owed.pk}/settle/", sent))
    sent = {"credit-amount": "1", "credit-reason": "Too much"}
    assert "₱0.00 is owed on" in text_of(client.post(f"/billing/statements/{owed.pk}/credit/", sent))
    void = {f"void-settlement-{row.pk}-reason": "Not withheld after all"}
    client.post(f"/billing/settlements/{row.pk}/void/", void)
    again = client.post(f"/billing/settlements/{row.pk}/void/", void, follow=True)
    assert "void already" in text_of(again)
    prefix = f"certificate-{row.pk}-"
    sent = {f"{prefix}number": "1", f"{prefix}received_on": "2026-11-12"}
    late = client.post(f"/billing/settlements/{row.pk}/certificate/", sent, follow=True)
    assert "No certificate is pending here" in text_of(late)


# --- credit notes ------------------------------------------------------------------------------
def test_a_credit_note_is_issued_from_the_page_and_has_one_of_its_own(client, reviewer, owed):
    before = page_of(client, owed)
    assert "CN-2026-0001 (expected, not reserved)" in text_of(before)
    sent = {"credit-amount": "250", "credit-reason": "Hours billed twice"}
    sent["seen"] = before.context["money_version"]
    url = f"/billing/statements/{owed.pk}/credit/"
    assert client.post(url, sent | {"credit-amount": "1000.01"}).status_code == 422
    page = client.post(url, sent, follow=True)
    note = CreditNote.objects.get()
    assert page.request["PATH_INFO"] == f"/billing/credit-notes/{note.pk}/"
    assert all(word in text_of(page) for word in ("CN-2026-0001", "₱250.00", "Hours billed twice", "Issued"))
    assert "changed since you saw it" in text_of(client.post(url, sent))
    waiting = client.get(f"/billing/credit-notes/{note.pk}/pdf/")
    assert "The PDF is not made yet" in text_of(waiting)
    services.make_documents(source=note)
    answer = client.get(f"/billing/credit-notes/{note.pk}/pdf/")
    assert answer.content.startswith(b"%PDF-")
    assert "CN-2026-0001.pdf" in answer["Content-Disposition"]


def test_the_register_lists_credit_notes_with_their_sequence(client, reviewer, owed):
    note = services.issue_credit_note(actor=reviewer, statement=owed, amount=Decimal(5), reason="Too much")
    page = client.get("/billing/sequences/?sequence=CN")
    assert f"/billing/credit-notes/{note.pk}/" in text_of(page)
    assert "CN 2026: 1 to 1, no gap" in text_of(page)
    table = client.get(f"/billing/sequences/{note.sequence_id}/2026/csv/").content.decode()
    assert "CN-2026-0001,issued,Abad & Sons,,2026-11-12,,PHP,5.00" in table


# --- lists -------------------------------------------------------------------------------------
def test_statements_are_found_by_what_became_of_their_total(client, biller, payer):
    paid, part, *_ = (make_issued(number, client=payer, amount="100.00") for number in range(1, 5))
    make_allocation(make_payment(payer), paid, "100.00")
    make_allocation(make_payment(payer), part, "40.00")

    def shown(state: str) -> dict:
        rows = client.get(f"/billing/statements/?state={state}").context["rows"]
        return {one.number[-1]: word for one, word in rows}

    assert shown("open") == {"2": "partial", "3": "unpaid", "4": "unpaid"}
    assert shown("paid") == {"1": "paid"}
    assert shown("overdue") == {}
    context = client.get("/billing/statements/?state=open").context
    assert (context["outstanding"], context["totals"]) == ({"PHP": 260}, {"PHP": 300})
    table = client.get("/billing/statements/csv/?state=paid").content.decode()
    assert "SOA-2026-0001" in table
    assert "SOA-2026-0002" not in table


@pytest.mark.time_machine(dt.datetime(2026, 11, 16, 16, tzinfo=dt.UTC))
def test_a_statement_is_overdue_from_midnight_of_the_office_on(client, biller, owed):
    # 16 November 16:00 UTC is 17 November in Manila, the day after its due date.
    [(one, word)] = client.get("/billing/statements/?state=overdue").context["rows"]
    assert (one, word) == (owed, "overdue")


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(client, biller, payer):
    counts = []
    for count in (2, 6):
        for _ in range(count):
            make_allocation(make_payment(payer), make_issued(client=payer), "5.00")
        client.get("/billing/statements/?state=open")
        with CaptureQueriesContext(connection) as queries:
            client.get("/billing/statements/?state=open")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_clients_page_says_what_it_owes_and_has_and_paid_last(client, biller, payer, owed):
    paid = make_payment(payer, "600.00", manual_number="OR 1")
    make_allocation(paid, owed, "450.00")
    page = text_of(client.get(f"/billing/clients/{payer.pk}/"))
    assert all(
        word in page for word in ("Outstanding, PHP", "₱550.00", "Credit, PHP", "₱150.00", "Payment OR 1")
    )
    assert f"/billing/payments/new/?client={payer.pk}" in page
