"""What settles a statement without cash: withholding, charges, rounding, write-offs, credit notes."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Allocation, Counter, CreditNote, OfficeProfile, Settlement
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
    OfficeProfile.objects.update(rounding_step=100)
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


@pytest.mark.parametrize(("step", "most", "more"), [(1, "0.01", "0.02"), (100, "1.00", "1.01")])
def test_a_rounding_difference_is_the_offices_step_at_most_and_once(
    biller, reviewer, owed, refused, step, most, more
):
    """O12: ten roundings of 1.00 cleared a statement."""
    OfficeProfile.objects.update(rounding_step=step)
    assert refused(f"₱{most} at most", kind="rounding", amount=Decimal(more)).field == "amount"
    row = services.settle_statement(actor=biller, statement=owed, kind="rounding", amount=Decimal(most))
    again = {"actor": reviewer, "kind": "rounding", "amount": Decimal(most), "reason": WHY}
    assert refused("has a rounding difference already", **again).code == "rounded_already"
    services.void_settlement(actor=reviewer, settlement=row, reason=WHY)
    services.settle_statement(statement=owed, **again)


def test_bank_charges_beyond_the_offices_share_take_a_reason_and_who_may_verify(
    biller, reviewer, owed, refused
):
    """O12: all charges of the statement together, 5 percent of 1,000.00."""
    charge = {"kind": "bank_charge", "statement": owed}
    services.settle_statement(actor=biller, amount=Decimal("30.00"), **charge)
    more = {"amount": Decimal("20.01"), **charge}
    assert refused("beyond 5 percent of its total", reason=WHY, **more).code == "not_allowed"
    assert refused("at least 5 characters", actor=reviewer, **more).field == "reason"
    services.settle_statement(actor=biller, amount=Decimal("20.00"), **charge)
    services.settle_statement(actor=reviewer, reason=WHY, **more)
    OfficeProfile.objects.update(charge_share=100)
    services.settle_statement(actor=biller, amount=Decimal("929.99"), **charge)
    assert outstanding(owed) == 0


def test_no_more_than_the_statement_owes(biller, owed, refused):
    make_allocation(make_payment(owed.client, "900.00"), owed, "900.00")
    error = refused("₱100.00 is owed on SOA-2026-0001", amount=Decimal("100.01"))
    assert error.code == "too_much"
    refused("more than zero", amount=Decimal(0))
    refused("more decimal places", amount=Decimal("1.001"))


def test_yen_are_settled_in_whole(biller, refused):
    yen = make_issued(2, client=make_client(currency="JPY"), amount="700")
    refused("JPY allows (0)", statement=yen, amount=Decimal("0.50"))
    services.settle_statement(actor=biller, statement=yen, kind="withholding", amount=Decimal(100))
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
    make_period("2026-11", "closed")
    facts = {"actor": biller, "settlement": row, "number": "2307-1", "date": None, "received_on": TODAY}
    assert refused("is closed", services.receive_certificate, **facts).code == "period_closed"


def test_a_certificate_comes_after_the_tax_was_withheld_and_not_in_the_future(biller, owed, refused):
    """O9"""
    tenth, early, late = dt.date(2026, 11, 10), dt.date(2026, 11, 9), dt.date(2030, 1, 1)
    withheld = {"settled_on": tenth, "certificate_number": "2307-1"}
    error = refused("2026-11-10 at the earliest", certificate_received_on=early, **withheld)
    assert error.field == "certificate_received_on"
    assert refused("in the future", certificate_date=late, **withheld).field == "certificate_date"
    row = services.settle_statement(
        actor=biller, statement=owed, kind="withholding", amount=Decimal(20), settled_on=tenth
    )
    facts = {"actor": biller, "settlement": row, "number": "2307-1"}
    verb = services.receive_certificate
    refused("2026-11-10 at the earliest", verb, date=None, received_on=early, **facts)
    refused("in the future", verb, date=late, received_on=TODAY, **facts)
    refused("2026-11-20 at the earliest", verb, date=dt.date(2026, 11, 20), received_on=tenth, **facts)
    verb(date=early, received_on=tenth, **facts)


def test_a_certificate_number_is_used_once_for_a_client(biller, reviewer, owed, refused):
    """O9"""
    used = {"kind": "withholding", "amount": Decimal(20), "certificate_number": "2307-1"}
    first = services.settle_statement(actor=biller, statement=owed, **used)
    other = make_issued(2, client=owed.client)
    spelt = {"statement": other, "certificate_number": "２３０７–1"}
    assert refused("is on SOA-2026-0001 already", **spelt).code == "certificate_taken"
    services.settle_statement(actor=biller, statement=make_issued(3), **used)
    services.void_settlement(actor=reviewer, settlement=first, reason=WHY)
    row = services.settle_statement(actor=biller, statement=other, **used)
    # Its own number is noted again when it comes.
    facts = {"number": "2307-1", "date": None, "received_on": TODAY}
    assert services.receive_certificate(actor=biller, settlement=row, **facts).certificate_number == "2307-1"


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
