"""Money applied to statements and taken off again: what is refused, in which words, and nothing changes."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Allocation
from billing.reports.balances import credit, outstanding
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_issued,
    make_office,
    make_office_user,
    make_payer_group,
    make_payment,
    make_period,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
TODAY = dt.date(2026, 11, 21)
WHY = "Applied to the wrong month"


@pytest.fixture(autouse=True)
def office():
    return make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def reviewer():
    return make_office_user("Reviewer")


@pytest.fixture
def payer():
    return make_client()


@pytest.fixture
def paid(payer):
    return make_payment(payer, "600.00", manual_number="OR 1")


@pytest.fixture
def owed(payer):
    return make_issued(1, client=payer, amount="1000.00")


@pytest.fixture
def refused(biller, paid, owed):
    """Expect that applying is refused with the sentence and changes nothing."""

    def check(sentence: str, amount: str = "1.00", verb=services.allocate_payment, **facts):
        before = everything()
        if verb is services.allocate_payment:
            facts = {"actor": biller, "payment": paid, "statement": owed, "amount": Decimal(amount), **facts}
        with pytest.raises(DomainError) as error:
            verb(**facts)
        assert sentence in error.value.sentence
        assert everything() == before
        return error.value.code

    return check


def everything():
    models = (Allocation, AuditEntry)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_a_payment_is_applied_today_or_on_a_given_day(biller, paid, owed):
    row = services.allocate_payment(actor=biller, payment=paid, statement=owed, amount=Decimal("250.00"))
    assert (row.effective_on, row.created_by) == (TODAY, biller)
    assert (credit(paid), outstanding(owed)) == (Decimal("350.00"), Decimal("750.00"))
    assert (credit(paid, dt.date(2026, 11, 20)), outstanding(owed, dt.date(2026, 11, 20))) == (600, 1000)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id) == ("payment.allocated", str(paid.pk))
    assert entry.changes == {
        "statement": [None, owed.number], "amount": [None, "250.00"], "day": [None, "2026-11-21"]
    }  # fmt: skip


def test_no_more_than_the_payment_has_and_no_more_than_the_statement_owes(biller, payer, paid, owed, refused):
    assert refused("₱600.00 is left of Payment OR 1. Nothing was changed.", "600.01") == "too_much"
    make_allocation(make_payment(payer), owed, "900.00")
    assert refused("₱100.00 is owed on SOA-2026-0001. Nothing was changed.", "100.01") == "too_much"
    services.allocate_payment(actor=biller, payment=paid, statement=owed, amount=Decimal("100.00"))
    assert outstanding(owed) == 0


@pytest.mark.parametrize(("amount", "sentence"), [
    ("0", "more than zero"), ("-1", "more than zero"), ("1.001", "more decimal places than PHP allows"),
    ("NaN", "not a number"), ("99999999999999", "too large"),
])  # fmt: skip
def test_an_amount_is_exact_and_above_zero(refused, amount, sentence):
    refused(sentence, amount)


def test_another_clients_statement_is_refused_and_that_of_the_payer_group_is_not(biller, paid, refused):
    friend = make_client(name="Friend")
    make_payer_group(friend)
    make_payer_group(paid.client, sister := make_client(name="Sister"))
    other = make_issued(2, client=friend, amount="50.00")
    assert refused("SOA-2026-0002 is another client's: Friend is in no", statement=other) == "other_client"
    alone = make_issued(3, client=make_client(), amount="50.00")
    assert refused("another client's", statement=alone) == "other_client"
    owed = make_issued(4, client=sister, amount="50.00")
    services.allocate_payment(actor=biller, payment=paid, statement=owed, amount=Decimal("50.00"))
    assert outstanding(owed) == 0


def test_two_clients_of_one_label_and_no_payer_group_pay_for_themselves(biller, refused):
    """P3"""
    lone = make_payment(make_client(group="South"), "5.00")
    other = make_issued(5, client=make_client(group="South"), amount="5.00")
    assert refused("another client's", payment=lone, statement=other) == "other_client"


def test_only_an_issued_statement_takes_money(payer, reviewer, refused):
    draft = make_draft(payer)
    assert refused("is draft; money is applied to an issued statement.", statement=draft) == "wrong_state"
    void = make_issued(6, client=payer)
    services.void_statement(actor=reviewer, statement=void, reason="Billed twice")
    assert refused("SOA-2026-0006 is void", statement=void) == "wrong_state"


def test_only_a_posted_payment_is_applied(payer, reviewer, refused):
    draft = make_payment(payer, state="draft")
    assert refused("is draft; only a posted one counts", payment=draft) == "wrong_state"
    void = services.void_payment(actor=reviewer, payment=make_payment(payer), cause="error", reason=WHY)
    assert refused("is void; only a posted one counts", payment=void) == "wrong_state"


def test_another_currency_is_refused(payer, refused):
    dollars = make_payment(payer, "5.00", currency="USD", manual_number="OR 2")
    assert refused("OR 2 is in USD, SOA-2026-0001 in PHP.", payment=dollars) == "other_currency"


def test_the_same_pair_is_not_applied_twice_but_again_after_it_was_taken_off(biller, paid, owed, refused):
    facts = {"actor": biller, "payment": paid, "statement": owed, "amount": Decimal("10.00")}
    row = services.allocate_payment(**facts)
    assert refused("is applied to SOA-2026-0001 already") == "applied_already"
    services.unapply_allocation(actor=biller, allocation=row)
    services.allocate_payment(**facts)
    assert outstanding(owed) == Decimal("990.00")


def test_money_is_applied_when_both_are_there_and_not_in_the_future(refused):
    refused("2026-11-02 at the earliest", effective_on=dt.date(2026, 11, 1))
    refused("is in the future", effective_on=dt.date(2026, 11, 22))


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_shut_month_takes_no_application_and_no_unapplying(biller, paid, owed, refused, state):
    row = make_allocation(paid, owed, "5.00")
    other = make_issued(7, client=paid.client)
    make_period("2026-11", state)
    assert refused(f"November 2026 is {state}", statement=other) == f"period_{state}"
    unapply = {"verb": services.unapply_allocation, "actor": biller, "allocation": row}
    assert refused(f"November 2026 is {state}", **unapply) == f"period_{state}"


def test_a_viewer_applies_nothing(refused):
    assert refused("you may not record", actor=make_office_user("Viewer")) == "not_allowed"


def test_several_statements_get_their_parts_or_none_does(biller, payer, paid, owed):
    second = make_issued(8, client=payer, amount="40.00")
    parts = [(second, Decimal("40.01")), (owed, Decimal("100.00"))]
    before = everything()
    with pytest.raises(DomainError, match=r"₱40.00 is owed on SOA-2026-0008"):
        services.allocate_payments(actor=biller, payment=paid, parts=parts)
    assert everything() == before
    parts = [(second, Decimal("40.00")), (owed, Decimal("100.00"))]
    services.allocate_payments(actor=biller, payment=paid, parts=parts)
    assert (credit(paid), outstanding(owed), outstanding(second)) == (460, 900, 0)


def test_yen_are_applied_in_whole(biller):
    payer = make_client(currency="JPY")
    paid, owed = make_payment(payer, "1000"), make_issued(9, client=payer, amount="700")
    facts = {"actor": biller, "payment": paid, "statement": owed}
    with pytest.raises(DomainError, match=r"JPY allows \(0\)"):
        services.allocate_payment(amount=Decimal("0.50"), **facts)
    services.allocate_payment(amount=Decimal(700), **facts)
    assert (credit(paid), outstanding(owed)) == (300, 0)


# --- taken off ---------------------------------------------------------------------------------
def test_what_is_taken_off_is_a_dated_reversal(biller, paid, owed):
    row = make_allocation(paid, owed, "100.00")
    day = dt.date(2026, 11, 10)
    reversal = services.unapply_allocation(actor=biller, allocation=row, reason=WHY, effective_on=day)
    assert (reversal.amount, reversal.reverses, reversal.reason) == (Decimal("-100.00"), row, WHY)
    assert (outstanding(owed, dt.date(2026, 11, 9)), outstanding(owed, day)) == (900, 1000)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.reason) == ("payment.unapplied", WHY)


def test_nothing_is_taken_off_twice_and_no_reversal_is_reversed(biller, paid, owed, refused):
    row = make_allocation(paid, owed, "100.00")
    reversal = services.unapply_allocation(actor=biller, allocation=row)
    for one in (row, reversal):
        facts = {"verb": services.unapply_allocation, "actor": biller, "allocation": one}
        assert refused("This was taken back already. Nothing was changed.", **facts) == "reversed_already"


def test_it_is_taken_off_on_or_after_its_day(biller, paid, owed, refused):
    facts = {
        "verb": services.unapply_allocation,
        "actor": biller,
        "allocation": make_allocation(paid, owed, "1.00"),
    }
    refused("2026-11-03 at the earliest", effective_on=dt.date(2026, 11, 2), **facts)
    refused("is in the future", effective_on=dt.date(2026, 11, 22), **facts)


def test_of_a_verified_payment_only_who_may_verify_takes_off(biller, reviewer, paid, owed, refused):
    row = make_allocation(paid, owed, "100.00")
    services.verify_payment(actor=reviewer, payment=paid)
    facts = {"verb": services.unapply_allocation, "allocation": row}
    assert refused("you may not verify", actor=biller, **facts) == "not_allowed"
    services.unapply_allocation(actor=reviewer, allocation=row)
    assert outstanding(owed) == Decimal("1000.00")


def test_a_settlement_is_not_taken_off_as_a_payment_is(biller, owed, refused):
    settlement = services.settle_statement(
        actor=biller, statement=owed, kind="bank_charge", amount=Decimal("5.00")
    )
    facts = {"actor": biller, "allocation": settlement.allocations.get()}
    assert (
        refused("void the settlement it belongs to", verb=services.unapply_allocation, **facts)
        == "not_a_payment"
    )


def test_a_statement_is_not_voided_before_it_was_last_settled(biller, reviewer, paid, owed):
    fifth, tenth = dt.date(2026, 11, 5), dt.date(2026, 11, 10)
    facts = {"actor": biller, "payment": paid, "statement": owed, "amount": Decimal(600)}
    row = services.allocate_payment(effective_on=fifth, **facts)
    services.unapply_allocation(actor=biller, allocation=row, reason=WHY, effective_on=tenth)
    voiding = {"actor": reviewer, "statement": owed, "reason": WHY}
    for day, words in ((fifth, "2026-11-10 at the earliest"), (dt.date(2026, 11, 22), "in the future")):
        with pytest.raises(DomainError, match=words):
            services.void_statement(void_date=day, **voiding)
    assert services.void_statement(void_date=tenth, **voiding).void_date == tenth
