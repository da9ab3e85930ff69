"""What was owed before a statement stands on it where the office wants that, and stays as it was."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from billing import services
from billing.documents import pdf
from billing.models import Statement
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]


@pytest.fixture
def payer():
    """Owes 1,000.00 since 16 November, less 400.00 paid; has 150.00 that is not applied."""
    client = make_client(name="Abad & Sons")
    owed = make_issued(client=client, amount="1000.00", issue_date=dt.date(2026, 11, 1))
    make_allocation(make_payment(client, "400.00"), owed, "400.00")
    make_payment(client, "150.00")
    return client


def issue(client) -> Statement:
    draft = make_draft(client, "250.00")
    services.submit_statement(actor=make_office_user("Biller"), statement=draft)
    return services.issue_statement(actor=make_office_user("Reviewer"), statement=draft)


def test_it_is_printed_only_where_the_office_wants_it(payer):
    make_office()
    assert issue(payer).snapshot["account"] is None


def test_the_balance_before_and_with_the_statement_and_how_late_it_is(payer):
    make_office(shows_account=True)
    account = issue(payer).snapshot["account"]
    assert Decimal(account["balance"]) == Decimal("450.00")
    assert account["with_this_shown"] == "700.00"
    assert [late["shown"] for late in account["late"]] == ["0.00", "600.00", "0.00", "0.00", "0.00"]
    assert account["credit_shown"] == "150.00"


def test_a_client_that_owes_nothing_gets_no_such_block():
    make_office(shows_account=True)
    assert issue(make_client()).snapshot["account"] is None


def test_document_and_page_say_the_same_and_a_later_payment_changes_neither(client, payer):
    make_office(shows_account=True)
    issued = issue(payer)
    before = pdf.pdf_of(issued.snapshot, logos={})
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(before)).pages)
    client.force_login(make_office_user("Viewer"))

    def page() -> str:
        return client.get(f"/billing/statements/{issued.pk}/").content.decode()

    for figure in ("600.00", "450.00", "700.00"):
        assert figure in text
        assert figure in page().split("data-prior")[1].split("</section>")[0]
    make_allocation(make_payment(payer, "250.00"), issued, "250.00", effective_on=dt.date(2026, 11, 21))
    again = Statement.objects.get(pk=issued.pk)
    assert pdf.pdf_of(again.snapshot, logos={}) == before
    assert "450.00" in page().split("data-prior")[1].split("</section>")[0]
