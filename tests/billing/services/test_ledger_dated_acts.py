"""Every dated act holds on each day from its own on, and a refusal names the first possible day."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Allocation, Settlement
from billing.reports.aging import aging
from billing.reports.balance_proof import find_balance_faults
from billing.reports.ledger import balance_on
from billtracker.core.exceptions import DomainError
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)),
]
WHY, HUNDRED = "A reason that is long enough", Decimal("100.00")


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


@pytest.fixture(autouse=True)
def office():
    return make_office()


@pytest.fixture
def actor():
    return make_office_user("Admin")


@pytest.fixture
def payer():
    return make_client()


@pytest.fixture
def owed(payer):
    return make_issued(1, client=payer, amount="100.00")


@pytest.fixture
def paid(payer):
    return make_payment(payer, "100.00", paid_on=on(1), manual_number="OR 1")


@pytest.fixture
def taken_off(actor, paid, owed):
    """100.00 of OR 1 stood on SOA-2026-0001 from 5 to 19 November."""
    facts = {"actor": actor, "payment": paid, "statement": owed, "amount": HUNDRED}
    row = services.allocate_payment(effective_on=on(5), **facts)
    return services.unapply_allocation(actor=actor, allocation=row, effective_on=on(20))


def refused_until_20(verb, **facts) -> None:
    """Expect a refusal on 6 November that names the 20th, and that the 20th works; the books tie out."""
    day = next(name for name, value in facts.items() if value == on(6))
    before = Allocation.objects.count()
    with pytest.raises(DomainError, match="2026-11-20") as error:
        verb(**facts)
    assert error.value.field == day
    assert Allocation.objects.count() == before
    verb(**{**facts, day: on(20)})
    assert find_balance_faults() == []


def test_a_payment_is_not_voided_before_its_money_was_taken_off(actor, payer, paid, taken_off):
    """O2"""
    facts = {"actor": actor, "payment": paid, "cause": "error", "reason": WHY}
    refused_until_20(services.void_payment, void_date=on(6), **facts)
    assert (aging(on(10)), balance_on(payer, "PHP", on(10))) == ([], 0)


def test_a_payment_is_not_voided_before_its_refund_was(actor, payer, paid):
    """O2"""
    refund = services.refund_credit(actor=actor, payment=paid, amount=HUNDRED, reason=WHY, refunded_on=on(3))
    services.void_refund(actor=actor, refund=refund, reason=WHY, void_date=on(20))
    facts = {"actor": actor, "payment": paid, "cause": "error", "reason": WHY}
    refused_until_20(services.void_payment, void_date=on(6), **facts)


def test_a_statement_is_not_settled_twice_on_days_that_lie_between(actor, payer, owed, taken_off):
    """O3 (C)"""
    other = make_payment(payer, "100.00", paid_on=on(2), manual_number="OR 2")
    facts = {"actor": actor, "payment": other, "statement": owed, "amount": HUNDRED}
    refused_until_20(services.allocate_payment, effective_on=on(6), **facts)


def test_a_payment_is_not_applied_twice_on_days_that_lie_between(actor, payer, paid, taken_off):
    """O3 (D)"""
    other = make_issued(2, client=payer, amount="100.00")
    facts = {"actor": actor, "payment": paid, "statement": other, "amount": HUNDRED}
    refused_until_20(services.allocate_payment, effective_on=on(6), **facts)


def test_what_is_applied_on_days_that_lie_between_is_not_refunded(actor, paid, taken_off):
    """O3 (B)"""
    facts = {"actor": actor, "payment": paid, "amount": HUNDRED, "reason": WHY}
    refused_until_20(services.refund_credit, refunded_on=on(6), **facts)


@pytest.fixture
def withheld(actor, owed):
    """60.00 stood withheld on SOA-2026-0001 from 5 to 19 November."""
    facts = {"actor": actor, "statement": owed, "kind": Settlement.Kind.WITHHOLDING}
    row = services.settle_statement(amount=Decimal("60.00"), settled_on=on(5), **facts)
    return services.void_settlement(actor=actor, settlement=row, reason=WHY, void_date=on(20))


def test_what_is_withheld_on_days_that_lie_between_is_not_credited(actor, owed, withheld):
    """O3 (F)"""
    facts = {"actor": actor, "statement": owed, "amount": HUNDRED, "reason": WHY}
    refused_until_20(services.issue_credit_note, issue_date=on(6), **facts)


def test_what_is_withheld_on_days_that_lie_between_is_not_withheld_again(actor, owed, withheld):
    """O3"""
    facts = {"actor": actor, "statement": owed, "kind": "withholding", "amount": HUNDRED}
    refused_until_20(services.settle_statement, settled_on=on(6), **facts)


def test_a_statement_is_not_voided_while_something_settled_it(actor, owed, withheld):
    """O2"""
    refused_until_20(services.void_statement, actor=actor, statement=owed, reason=WHY, void_date=on(6))


def test_what_fits_into_the_days_between_is_taken(actor, payer, owed, withheld):
    """O3: 40.00 of the 100.00 were owed on every day."""
    facts = {"actor": actor, "statement": owed, "kind": "withholding"}
    services.settle_statement(amount=Decimal("40.00"), settled_on=on(6), **facts)
    assert [row.owed for row in aging(on(10))] == []
    assert [row.owed for row in aging(on(20))] == [Decimal("60.00")]
    assert find_balance_faults() == []


def test_without_a_day_an_act_is_dated_today(actor, paid, owed, taken_off):
    facts = {"actor": actor, "payment": paid, "statement": owed, "amount": HUNDRED}
    assert services.allocate_payment(**facts).effective_on == on(28)


def test_the_refusal_says_how_much_of_what_and_since_when(actor, payer, paid, taken_off):
    other = make_issued(2, client=payer, amount="100.00")
    with pytest.raises(DomainError) as error:
        services.allocate_payment(
            actor=actor, payment=paid, statement=other, amount=HUNDRED, effective_on=on(6)
        )
    assert error.value.sentence == (
        "₱100.00 is left of Payment OR 1 only from 2026-11-20 on, not on each day from 2026-11-06."
        " Nothing was changed; choose a day from 2026-11-20 on."
    )
    assert error.value.code == "too_early"


def test_a_payment_applied_ahead_of_today_is_voided_today(actor, payer, paid):
    """O2, O4: what would begin to count on 5 January is taken back on that day."""
    ahead = make_issued(
        3, client=payer, amount="100.00", issue_date=dt.date(2027, 1, 5), due_date=dt.date(2027, 1, 20)
    )
    services.allocate_payment(actor=actor, payment=paid, statement=ahead, amount=HUNDRED)
    void = services.void_payment(actor=actor, payment=paid, cause="bounced", reason=WHY)
    assert void.void_date == on(28)
    assert [(row.credit, row.owed) for row in aging(on(28))] == []
    assert [(row.credit, row.owed) for row in aging(dt.date(2027, 1, 5))] == [(0, 100)]
    assert find_balance_faults() == []
