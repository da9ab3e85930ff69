"""One document, every door: page, PDF, CSV, API and what money may be applied name one amount."""

import random
from decimal import Decimal
from types import SimpleNamespace

import pytest

from billing import services
from billing.api.schemas.statements import show_line
from billing.documents import snapshots
from billing.models import Payment, Statement, StatementLine
from billing.reports.balances import outstanding
from billing.reports.statements import register_row
from billing.services.drafts import checked_lines
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, minor_unit, parse, to_display, to_text
from billtracker.core.templatetags.billtracker import digits
from tests.acceptance.test_issued_documents import CURRENCIES, issued_at_random
from tests.factories import make_office, make_office_user

DOCUMENTS = 10_000
FULL = 24


def inputs_at_random(chance: random.Random, currency: str) -> list[services.LineInput]:
    def price() -> Decimal:
        return chance.randint(-(10 ** chance.randint(1, 9)), 10 ** chance.randint(1, 9)) * minor_unit(
            currency
        )

    def quantity() -> Decimal:
        return Decimal(chance.randint(1, 10 ** chance.randint(1, 6))).scaleb(-4)

    return [services.LineInput("Work", price(), quantity()) for _ in range(chance.randint(1, 6))]


def test_ten_thousand_random_documents_say_one_amount_at_every_entry_point():
    """Pure: what each door writes of the same lines, read back by its own reading."""
    chance = random.Random(20261121)
    client = SimpleNamespace(pk=1)
    for number in range(DOCUMENTS):
        currency = CURRENCIES[number % len(CURRENCIES)]
        lines = checked_lines(client, currency, inputs_at_random(chance, currency))
        for line in lines:
            frozen, told = snapshots.of_line(line, currency), show_line(line, currency)
            assert told["amount"] == frozen["amount"] == to_text(line.amount, currency)
            assert told["unit_price"] == frozen["unit_price"]
            assert told["quantity"] == frozen["quantity"]
            page = digits(line.amount, currency)
            assert page == frozen["amount_shown"]
            assert parse(page, currency, decimal_mark=".") == line.amount
        total = sum((line.amount for line in lines), ZERO)
        shown = to_display(total, currency, symbol=False)
        assert parse(shown, currency, decimal_mark=".") == total == Decimal(to_text(total, currency))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(FULL))
def test_a_full_document_is_owed_told_and_paid_to_the_minor_unit(client, seed):
    make_office()
    statement = issued_at_random(seed)
    total = to_text(statement.total, statement.currency)
    client.force_login(make_office_user("Viewer"))
    told = client.get(f"/api/billing/statements/{statement.pk}/").json()
    row = register_row(Statement.objects.select_related("issued_by").get(pk=statement.pk))
    assert (
        told["total"]
        == told["outstanding"]
        == statement.snapshot["statement"]["total"]
        == f"{row['total']}"
        == total
    )
    assert [line["amount"] for line in told["lines"]] == [
        line["amount"] for line in statement.snapshot["lines"]
    ]
    assert sum(Decimal(line["amount"]) for line in told["lines"]) == outstanding(statement)
    assert sum(StatementLine.objects.filter(statement=statement).values_list("amount", flat=True)) == Decimal(
        total
    )
    pay_to_the_last_unit(statement)
    assert client.get(f"/api/billing/statements/{statement.pk}/").json()["outstanding"] == to_text(
        ZERO, statement.currency
    )


def pay_to_the_last_unit(statement: Statement) -> None:
    """Money of exactly the total settles it; one minor unit more is refused."""
    biller, unit = make_office_user("Biller"), minor_unit(statement.currency)
    payment = Payment(
        client=statement.client,
        currency=statement.currency,
        paid_on=statement.issue_date,
        amount=statement.total + unit,
        manual_number="OR 1",
    )
    payment = services.post_payment(
        actor=biller, payment=services.save_payment(actor=biller, payment=payment)
    )
    with pytest.raises(DomainError):
        services.allocate_payment(
            actor=biller, payment=payment, statement=statement, amount=statement.total + unit
        )
    services.allocate_payment(actor=biller, payment=payment, statement=statement, amount=statement.total)
