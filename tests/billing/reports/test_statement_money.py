"""What is dated ahead counts from its date on: list, API, aging, payment and client say the same today."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.reports.aging import aging
from billing.reports.ledger import balance_on
from billing.reports.payments import PaymentFilters, payments_shown, totals_of
from billing.reports.statement_money import money_of, outstanding_totals
from billing.reports.statements import StatementFilters, statements_shown
from billtracker.core.exceptions import DomainError
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

NOW = dt.datetime(2026, 11, 28, 4, tzinfo=dt.UTC)
JANUARY = dt.date(2027, 1, 5)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(NOW),
]


@pytest.fixture
def admin():
    make_office()
    return make_office_user("Admin")


@pytest.fixture
def ahead(admin):
    due = JANUARY + dt.timedelta(days=15)
    return make_issued(1, client=make_client(), amount="10.00", issue_date=JANUARY, due_date=due)


def test_a_statement_dated_ahead_owes_nothing_today_wherever_one_looks(client, admin, ahead):
    """O4"""
    client.force_login(admin)
    [shown] = client.get("/api/billing/statements/").json()["items"]
    assert (shown["outstanding"], shown["is_dated_ahead"], shown["total"]) == ("0.00", True, "10.00")
    page = client.get("/billing/statements/")
    assert page.context["outstanding"] == {}
    assert "Dated ahead" in page.content.decode()
    assert not statements_shown(StatementFilters(state="open")).exists()
    assert not statements_shown(StatementFilters(state="paid")).exists()
    assert (aging(NOW.date()), balance_on(ahead.client, "PHP", NOW.date())) == ([], 0)
    money = money_of(ahead, NOW.date())
    assert (money.state, money.outstanding, money.left) == ("ahead", 0, 10)


def test_it_owes_its_total_from_its_day_on(admin, ahead, time_machine):
    """O4"""
    time_machine.move_to(dt.datetime(2027, 1, 5, 4, tzinfo=dt.UTC))
    assert outstanding_totals(statements_shown(StatementFilters()), JANUARY) == {"PHP": 10}
    assert [row.owed for row in aging(JANUARY)] == [10]
    assert statements_shown(StatementFilters(state="open")).count() == 1
    assert money_of(ahead, JANUARY).state == "unpaid"


def test_what_is_applied_ahead_is_credit_until_then_and_not_available(client, admin, ahead):
    """O4: the payment says what aging says, and why no refund is possible."""
    paid = make_payment(ahead.client, "10.00", manual_number="OR 1")
    services.allocate_payment(actor=admin, payment=paid, statement=ahead, amount=Decimal(10))
    assert [row.credit for row in aging(NOW.date())] == [10]
    assert balance_on(ahead.client, "PHP", NOW.date()) == -10
    assert [(one.applied, one.credit) for one in payments_shown(PaymentFilters(state="credit"))] == [(0, 10)]
    assert [total.credit for total in totals_of(payments_shown(PaymentFilters()))] == [10]
    client.force_login(admin)
    shown = client.get(f"/api/billing/payments/{paid.pk}/").json()
    assert (shown["applied"], shown["credit"], shown["available"]) == ("0.00", "10.00", "0.00")
    assert "Not applied ahead" in client.get(f"/billing/payments/{paid.pk}/").content.decode()
    with pytest.raises(DomainError, match=r"₱0\.00 is left of Payment OR 1"):
        services.refund_credit(actor=admin, payment=paid, amount=Decimal(10), reason="Paid too early")
