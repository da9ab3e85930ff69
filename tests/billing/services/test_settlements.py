"""What settles a statement without cash: withholding, charges, rounding, write-offs, credit notes."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Allocation, Counter, CreditNote, Settlement
from billing.reports.balances import outstanding, version_of
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_period,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
TODAY, WHY = dt.date(2026, 11, 21), "Not worth a letter"


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
def owed():
    return make_issued(1, amount="1000.00")


@pytest.fixture
def refused(biller, owed):
    """Expect a refusal with the sentence, and that nothing was changed by it."""

    def check(sentence: str, verb=services.settle_statement, **facts):
        before = everything()
        if verb is services.settle_statement:
            facts = {"actor": biller, "statement": owed, "kind": "withholding", "amount": Decimal(1), **facts}
        with pytest.raises(DomainError) as error:
            verb(**facts)
        assert sentence in error.value.sentence
        assert everything() == before
        return error.value

    return check


def everything():
    models = (Settlement, CreditNote, Allocation, Counter, AuditEntry)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("kind", ["withholding", "bank_charge", "rounding"])
def test_a_biller_settles_a_part_other_than_in_cash(biller, owed, kind):
    row = services.settle_statement(actor=biller, statement=owed, kind=kind, amount=Decimal("1.00"))
    assert (row.settled_on, outstanding(owed)) == (TODAY, Decimal("999.00"))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.changes["kind"]) == ("statement.settled", [None, kind])


def test_a_write_off_needs_a_reviewer_and_a_reason(biller, reviewer, owed, refused):
    off = {"kind": "write_off", "amount": Decimal("12.00")}
    assert (
        refused("you may not verify and void payments and write off", reason=WHY, **off).code == "not_allowed"
    )
    assert refused("at least 5 characters", actor=reviewer, reason="  so ", **off).field == "reason"
    services.settle_statement(actor=reviewer, statement=owed, reason=WHY, **off)
    assert outstanding(owed) == Decimal("988.00")


def test_a_rounding_difference_is_one_at_most(biller, owed, refused):
    assert refused("1.00 at most", kind="rounding", amount=Decimal("1.01")).field == "amount"
    services.settle_statement(actor=biller, statement=owed, kind="rounding", amount=Decimal("1.00"))


def test_no_more_than_the_statement_owes(biller, owed, refused):
    make_allocation(make_payment(owed.client, "900.00"), owed, "900.00")
    error = refused("₱100.00 is owed on SOA-2026-0001", amount=Decimal("100.01"))
    assert error.code == "too_much"
    refused("more than zero", amount=Decimal(0))
    refused("more decimal places", amount=Decimal("1.001"))


def test_yen_are_settled_in_whole(biller, refused):
    yen = make_issued(2, client=make_client(currency="JPY"), amount="700")
    refused("JPY allows (0)", statement=yen, amount=Decimal("0.50"))
    services.settle_statement(actor=biller, statement=yen, kind="bank_charge", amount=Decimal(100))
    assert outstanding(yen) == 600


def test_only_an_issued_statement_is_settled_by_a_known_kind_on_a_day_that_can_be(refused):
    assert refused("only an issued statement is settled", statement=make_draft()).code == "wrong_state"
    assert refused("Choose what settles it.", kind="magic").field == "kind"
    refused("2026-11-01 at the earliest", settled_on=dt.date(2026, 10, 31))
    refused("is in the future", settled_on=dt.date(2026, 11, 22))
    refused("you may not record", actor=make_office_user("Viewer"))


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_shut_month_takes_no_settlement_no_void_and_no_credit_note(biller, reviewer, owed, refused, state):
    row = services.settle_statement(actor=biller, statement=owed, kind="bank_charge", amount=Decimal(1))
    make_period("2026-11", state)
    sentence = f"November 2026 is {state}"
    assert refused(sentence).code == f"period_{state}"
    refused(sentence, services.void_settlement, actor=reviewer, settlement=row, reason=WHY)
    facts = {"statement": owed, "amount": Decimal(1), "reason": WHY}
    refused(sentence, services.issue_credit_note, actor=reviewer, **facts)


def test_the_same_settlement_sent_twice_is_recorded_once(biller, owed, refused):
    facts = {"kind": "bank_charge", "amount": Decimal(5), "seen": version_of(owed)}
    services.settle_statement(actor=biller, statement=owed, **facts)
    assert refused("changed since you saw it", **facts).code == "changed"


# --- certificates ------------------------------------------------------------------------------
def test_a_certificate_is_pending_until_it_came(biller, owed, refused):
    row = services.settle_statement(actor=biller, statement=owed, kind="withholding", amount=Decimal(20))
    assert row.is_certificate_pending
    facts = {"actor": biller, "settlement": row, "date": dt.date(2026, 11, 5)}
    verb, received = services.receive_certificate, {"received_on": TODAY}
    refused("A certificate that was received has a number.", verb, number=" ", **facts, **received)
    tomorrow = {"received_on": dt.date(2026, 11, 22)}
    refused("The day is in the future.", verb, number="2307-1", **facts, **tomorrow)
    row = verb(number="2307-1", **facts, **received)
    assert (row.is_certificate_pending, row.certificate_number) == (False, "2307-1")
    refused("No certificate is pending here", verb, number="2307-2", **facts, **received)
    assert AuditEntry.objects.filter(action="withholding.received").count() == 1


def test_a_certificate_does_not_come_in_a_closed_month(biller, owed, refused):
    row = services.settle_statement(actor=biller, statement=owed, kind="withholding", amount=Decimal(20))
    make_period("2026-10", "closed")
    facts = {"actor": biller, "settlement": row, "number": "2307-1", "date": None}
    october = {"received_on": dt.date(2026, 10, 31)}
    assert refused("is closed", services.receive_certificate, **facts, **october).code == "period_closed"
    assert not services.receive_certificate(**facts, received_on=TODAY).is_certificate_pending


def test_a_withholding_may_come_with_its_certificate(biller, owed, refused):
    refused("has a number", certificate_received_on=TODAY)
    row = services.settle_statement(
        actor=biller,
        statement=owed,
        kind="withholding",
        amount=Decimal(20),
        certificate_number="2307-9",
        certificate_received_on=TODAY,
    )
    assert not row.is_certificate_pending


def test_a_bank_charge_has_no_certificate(biller, owed, refused):
    row = services.settle_statement(actor=biller, statement=owed, kind="bank_charge", amount=Decimal(5))
    facts = {"actor": biller, "settlement": row, "number": "1", "date": None, "received_on": TODAY}
    refused("No certificate is pending here", services.receive_certificate, **facts)


# --- void --------------------------------------------------------------------------------------
def test_a_void_settlement_is_owed_again_from_its_day_on(biller, reviewer, owed, refused):
    row = services.settle_statement(
        actor=biller, statement=owed, kind="bank_charge", amount=Decimal(5), settled_on=dt.date(2026, 11, 5)
    )
    verb, facts = services.void_settlement, {"settlement": row, "reason": WHY}
    refused("you may not verify", verb, actor=biller, **facts)
    refused("at least 5 characters", verb, actor=reviewer, settlement=row, reason="no")
    refused("2026-11-05 at the earliest", verb, actor=reviewer, void_date=dt.date(2026, 11, 4), **facts)
    verb(actor=reviewer, void_date=dt.date(2026, 11, 10), **facts)
    assert (outstanding(owed, dt.date(2026, 11, 9)), outstanding(owed)) == (995, 1000)
    assert refused("void already", verb, actor=reviewer, **facts).code == "wrong_state"


# --- credit notes ------------------------------------------------------------------------------
def test_a_credit_note_takes_its_own_number_and_is_applied_at_once(reviewer, owed):
    facts = {"statement": owed, "amount": Decimal("250.00"), "reason": "Hours billed twice"}
    note = services.issue_credit_note(actor=reviewer, **facts)
    assert (note.number, note.issue_date, outstanding(owed)) == ("CN-2026-0001", TODAY, Decimal("750.00"))
    assert note.snapshot["statement"]["corrects"] == "SOA-2026-0001"
    assert note.snapshot["statement"]["total"] == "250.00"
    assert services.issue_credit_note(actor=reviewer, **facts).number == "CN-2026-0002"
    assert list(owed.allocations.values_list("credit_note__number", flat=True)) == [
        "CN-2026-0001",
        "CN-2026-0002",
    ]


def test_a_refused_credit_note_burns_no_number(biller, reviewer, owed, refused):
    verb, facts = services.issue_credit_note, {"statement": owed, "reason": WHY}
    make_allocation(make_payment(owed.client, "900.00"), owed, "900.00")
    assert (
        refused("₱100.00 is owed on", verb, actor=reviewer, amount=Decimal("100.01"), **facts).code
        == "too_much"
    )
    refused("you may not return, issue", verb, actor=biller, amount=Decimal(1), **facts)
    one = {"actor": reviewer, "amount": Decimal(1)}
    refused("at least 5 characters", verb, statement=owed, reason="no", **one)
    refused("2026-11-01 at the earliest", verb, issue_date=dt.date(2026, 10, 31), **one, **facts)
    refused("only an issued statement", verb, statement=make_draft(), reason=WHY, **one)
    assert verb(**one, **facts).number == "CN-2026-0001"


def test_the_same_credit_note_sent_twice_is_issued_once(reviewer, owed, refused):
    facts = {"statement": owed, "amount": Decimal(5), "reason": WHY, "seen": version_of(owed)}
    services.issue_credit_note(actor=reviewer, **facts)
    error = refused("changed since you saw it", services.issue_credit_note, actor=reviewer, **facts)
    assert error.code == "changed"


def test_a_statement_with_a_credit_note_on_it_is_not_voided(reviewer, owed, refused):
    note = services.issue_credit_note(actor=reviewer, statement=owed, amount=Decimal(5), reason=WHY)
    void = {"actor": reviewer, "statement": owed, "reason": WHY}
    assert refused(f"settled in part by {note}", services.void_statement, **void).code == "has_allocations"
