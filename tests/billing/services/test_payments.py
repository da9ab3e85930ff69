"""A payment's life: recorded, posted with its number, verified by somebody else, refunded, void for good."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing import services
from billing.models import Allocation, OfficeProfile, Payment, Refund
from billing.reports.balances import credit, outstanding, version_of
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from tests.factories import (
    make_allocation,
    make_client,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_period,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
TODAY, EARLIER = dt.date(2026, 11, 21), dt.date(2026, 11, 2)
WHY = "The check came back unpaid"


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
    return make_client(name="Abad & Sons")


def slip(client, amount="1000.00", **fields):
    facts = {"paid_on": EARLIER, "currency": client.currency, "manual_number": "OR 17", **fields}
    return Payment(client=client, amount=Decimal(amount), **facts)


@pytest.fixture
def refused():
    """Expect a refusal with a sentence, and that nothing was changed by it."""

    def check(sentence: str, verb, **arguments):
        before = everything()
        with pytest.raises(DomainError) as error:
            verb(**arguments)
        assert sentence in error.value.sentence
        assert everything() == before
        return error.value

    return check


def everything():
    models = (Payment, Allocation, Refund, AuditEntry)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


# --- recorded, posted --------------------------------------------------------------------------
def test_a_payment_is_recorded_as_a_draft_that_counts_nowhere_until_it_is_posted(biller, payer):
    draft = services.save_payment(actor=biller, payment=slip(payer))
    assert (draft.state, draft.recorded_by, credit(draft)) == ("draft", biller, 0)
    posted = services.post_payment(actor=biller, payment=draft)
    assert (posted.state, posted.posted_by, credit(posted)) == ("posted", biller, Decimal("1000.00"))
    actions = AuditEntry.objects.order_by("position").values_list("action", flat=True)
    assert list(actions) == ["payment.recorded", "payment.posted"]


def test_a_draft_is_edited_and_the_log_says_what_changed(biller, payer):
    draft = services.save_payment(actor=biller, payment=slip(payer))
    draft.amount = Decimal("1100.00")
    services.save_payment(actor=biller, payment=draft)
    entry = AuditEntry.objects.get(action="payment.edited")
    assert entry.changes == {"amount": ["1000.00", "1100.00"]}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "0.00"}, "The amount is more than zero."),
        ({"amount": "-5.00"}, "The amount is more than zero."),
        ({"amount": "1.005"}, "more decimal places than PHP allows"),
        ({"paid_on": dt.date(2026, 11, 22)}, "Money comes in today or earlier, not in the future."),
        ({"paid_on": dt.date(1969, 12, 31)}, "Money comes in today or earlier, not in the future."),
    ],
)
def test_what_cannot_be_is_not_recorded(biller, payer, refused, fields, sentence):
    refused(sentence, services.save_payment, actor=biller, payment=slip(payer, **fields))


def test_yen_have_no_decimals(biller, refused):
    payer = make_client(currency="JPY")
    payment = slip(payer, "1000.50")
    refused("more decimal places than JPY allows (0)", services.save_payment, actor=biller, payment=payment)
    posted = services.record_and_post_payment(actor=biller, payment=slip(payer, "1000"))
    assert credit(posted) == Decimal(1000)


def test_record_and_post_is_both_or_nothing(biller, payer, refused):
    verb = services.record_and_post_payment
    refused("Give the manual invoice number", verb, actor=biller, payment=slip(payer, manual_number=" "))
    assert verb(actor=biller, payment=slip(payer)).state == "posted"


def test_who_may_not_record_is_refused(payer, refused):
    viewer = make_office_user("Viewer")
    refused("you may not record", services.save_payment, actor=viewer, payment=slip(payer))
    draft = make_payment(state="draft")
    refused("you may not record", services.post_payment, actor=viewer, payment=draft)
    refused("you may not record", services.delete_payment, actor=viewer, payment=draft)


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_shut_month_takes_no_payment(biller, payer, refused, state):
    draft = make_payment(payer, state="draft", paid_on=EARLIER)
    make_period("2026-11", state)
    sentence = f"November 2026 is {state}"
    assert refused(sentence, services.post_payment, actor=biller, payment=draft).code == f"period_{state}"
    refused(sentence, services.save_payment, actor=biller, payment=slip(payer))


def test_only_a_draft_is_edited_posted_or_deleted(biller, payer, refused):
    posted = make_payment(payer, manual_number="OR 5")
    refused("OR 5 is posted; only a draft is edited", services.save_payment, actor=biller, payment=posted)
    refused("only a draft is posted", services.post_payment, actor=biller, payment=posted)
    refused("only a draft is deleted", services.delete_payment, actor=biller, payment=posted)
    draft = make_payment(payer, state="draft")
    services.delete_payment(actor=biller, payment=draft)
    refused("deleted meanwhile", services.post_payment, actor=biller, payment=draft)


# --- the manual number -------------------------------------------------------------------------
@pytest.mark.parametrize("written", ["OR 17", "or17", " O r\t1 7 ", "OR  17", "\uff2fR17", "OR\u200b17"])
def test_a_manual_number_is_taken_however_it_is_spaced_and_capitalised(biller, payer, refused, written):
    """O7: nor does width or what cannot be seen make it another one."""
    services.record_and_post_payment(actor=biller, payment=slip(payer))
    payment = slip(make_client(), manual_number=written)
    error = refused(
        "is on a payment of Abad & Sons already", services.save_payment, actor=biller, payment=payment
    )
    assert (error.code, error.field) == ("manual_number_taken", "manual_number")


def test_a_manual_number_is_free_again_after_the_void_and_not_before(biller, reviewer, payer, refused):
    first = services.record_and_post_payment(actor=biller, payment=slip(payer))
    refused("already", services.save_payment, actor=biller, payment=slip(payer, manual_number="or 17"))
    services.void_payment(actor=reviewer, payment=first, cause="error", reason=WHY)
    again = services.record_and_post_payment(actor=biller, payment=slip(payer, manual_number="or 17"))
    assert again.state == "posted"


def test_the_database_takes_a_manual_number_once_too(payer):
    make_payment(payer, manual_number="OR 17")
    with pytest.raises(DatabaseError), transaction.atomic():
        make_payment(payer, manual_number="or17")


# --- verified ----------------------------------------------------------------------------------
def test_somebody_else_verifies(biller, reviewer, payer):
    posted = services.record_and_post_payment(actor=biller, payment=slip(payer))
    verified = services.verify_payment(actor=reviewer, payment=posted)
    assert (verified.state, verified.verified_by) == ("verified", reviewer)
    entry = AuditEntry.objects.get(action="payment.verified")
    assert entry.changes == {"state": ["posted", "verified"]}


@pytest.mark.parametrize("deed", ["recorded", "posted"])
def test_who_recorded_or_posted_does_not_verify(biller, payer, refused, deed):
    own = make_office_user("Reviewer")
    recorder, poster = (own, biller) if deed == "recorded" else (biller, own)
    draft = services.save_payment(actor=recorder, payment=slip(payer))
    posted = services.post_payment(actor=poster, payment=draft)
    error = refused("somebody else verifies it", services.verify_payment, actor=own, payment=posted)
    assert isinstance(error, NotAllowed)


def test_who_edited_the_draft_of_another_does_not_verify(biller, payer, refused):
    own = make_office_user("Reviewer")
    draft = services.save_payment(actor=biller, payment=slip(payer))
    draft.amount = Decimal("1100.00")
    services.save_payment(actor=own, payment=draft)
    posted = services.post_payment(actor=biller, payment=draft)
    refused("somebody else verifies it", services.verify_payment, actor=own, payment=posted)


def test_an_office_of_one_person_verifies_its_own_and_the_log_says_so(reviewer, payer):
    OfficeProfile.objects.update(requires_second_person=False)
    posted = services.record_and_post_payment(actor=reviewer, payment=slip(payer))
    services.verify_payment(actor=reviewer, payment=posted)
    assert AuditEntry.objects.get(action="payment.verified").changes["second_person"] == ["on", "off"]


def test_a_biller_does_not_verify_and_a_draft_is_not_verified(biller, reviewer, payer, refused):
    refused("you may not verify", services.verify_payment, actor=biller, payment=make_payment(payer))
    draft = make_payment(payer, state="draft")
    refused("only a posted payment is verified", services.verify_payment, actor=reviewer, payment=draft)


VERIFIED_CHANGES = [
    "amount = amount + 1", "paid_on = '2026-11-01'", "currency = 'USD'", "manual_number = 'x'", "notes = 'x'",
    "manual_key = 'x'", "method = 'cash'", "reference = 'x'", "state = 'draft'", "state = 'posted'",
    "verified_at = '2020-01-01 00:00:00+00:00'", "recorded_at = '2020-01-01 00:00:00+00:00'",
]  # fmt: skip


@pytest.mark.parametrize("change", VERIFIED_CHANGES)
def test_a_verified_payment_is_locked_against_raw_sql(biller, reviewer, payer, change):
    posted = services.record_and_post_payment(actor=biller, payment=slip(payer))
    verified = services.verify_payment(actor=reviewer, payment=posted)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_payment SET {change} WHERE id = %s", [verified.pk])


# --- void --------------------------------------------------------------------------------------
def test_a_void_takes_off_what_was_applied_from_its_day_on(biller, reviewer, payer):
    owed = make_issued(client=payer, amount="800.00")
    posted = services.record_and_post_payment(actor=biller, payment=slip(payer))
    services.allocate_payment(
        actor=biller, payment=posted, statement=owed, amount=Decimal("800.00"), effective_on=EARLIER
    )
    day = dt.date(2026, 11, 10)
    void = services.void_payment(actor=reviewer, payment=posted, cause="bounced", reason=WHY, void_date=day)
    assert (void.state, void.void_date, void.void_cause) == ("void", day, "bounced")
    assert outstanding(owed) == Decimal("800.00")
    assert outstanding(owed, dt.date(2026, 11, 9)) == 0
    assert credit(void) == 0
    reversal = Allocation.objects.get(reverses__isnull=False)
    assert (reversal.amount, reversal.effective_on) == (Decimal("-800.00"), day)
    entry = AuditEntry.objects.get(action="payment.voided")
    assert entry.reason == WHY
    assert entry.changes["unapplied"] == [None, [f"800.00 from {owed}"]]


def test_a_void_is_refused_without_cause_reason_right_or_in_the_wrong_order(biller, reviewer, payer, refused):
    posted = make_payment(payer)
    verb, why = services.void_payment, {"cause": "error", "reason": WHY}
    refused("you may not verify and void", verb, actor=biller, payment=posted, **why)
    refused("at least 5 characters", verb, actor=reviewer, payment=posted, cause="error", reason=" oh ")
    refused("an error, bounced, or refunded", verb, actor=reviewer, payment=posted, cause="x", reason=WHY)
    early, late = dt.date(2026, 11, 1), dt.date(2026, 11, 22)
    refused("2026-11-02 at the earliest", verb, actor=reviewer, payment=posted, void_date=early, **why)
    refused("is in the future", verb, actor=reviewer, payment=posted, void_date=late, **why)
    make_allocation(posted, make_issued(client=payer), "1.00")
    refused("2026-11-03 at the earliest", verb, actor=reviewer, payment=posted, void_date=EARLIER, **why)
    draft = make_payment(payer, state="draft")
    refused("only a posted payment is voided", verb, actor=reviewer, payment=draft, **why)


def test_a_void_payment_cannot_come_back(biller, reviewer, payer, refused):
    posted = services.record_and_post_payment(actor=biller, payment=slip(payer))
    void = services.void_payment(actor=reviewer, payment=posted, cause="error", reason=WHY)
    why = {"cause": "error", "reason": WHY}
    refused("is void", services.void_payment, actor=reviewer, payment=void, **why)
    refused("is void", services.post_payment, actor=biller, payment=void)
    refused("is void", services.verify_payment, actor=reviewer, payment=void)
    refused("is void", services.save_payment, actor=biller, payment=void)
    refused("is void", services.refund_credit, actor=reviewer, payment=void, amount=Decimal(1), reason=WHY)
    facts = {"payment": void, "statement": make_issued(client=payer), "amount": Decimal(1)}
    refused("is void; only a posted one counts", services.allocate_payment, actor=biller, **facts)
    void.state = "posted"
    with pytest.raises(DatabaseError), transaction.atomic():
        void.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=void.pk).update(
            state="posted", void_date=None, voided_by=None, voided_at=None, void_reason="", void_cause=""
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=void.pk).delete()


# --- refunds -----------------------------------------------------------------------------------
def test_credit_is_refunded_and_a_void_refund_is_credit_again(reviewer, payer):
    posted = make_payment(payer, "600.00")
    make_allocation(posted, make_issued(client=payer), "500.00")
    refund = services.refund_credit(
        actor=reviewer, payment=posted, amount=Decimal("60.00"), reason="Paid too much"
    )
    assert (refund.refunded_on, credit(posted)) == (TODAY, Decimal("40.00"))
    services.void_refund(actor=reviewer, refund=refund, reason="It was never sent")
    assert credit(posted) == Decimal("100.00")
    actions = AuditEntry.objects.order_by("position").values_list("action", flat=True)
    assert list(actions) == ["payment.refunded", "refund.voided"]


def test_no_more_than_the_credit_is_refunded_and_only_by_who_verifies(biller, reviewer, payer, refused):
    posted = make_payment(payer, "600.00")
    make_allocation(posted, make_issued(client=payer), "500.00")
    verb, facts = services.refund_credit, {"payment": posted, "reason": WHY}
    assert (
        refused("₱100.00 is left of", verb, actor=reviewer, amount=Decimal("100.01"), **facts).code
        == "too_much"
    )
    refused("more than zero", verb, actor=reviewer, amount=Decimal(0), **facts)
    refused("you may not verify", verb, actor=biller, amount=Decimal(1), **facts)
    early = dt.date(2026, 11, 1)
    refused("after it came", verb, actor=reviewer, amount=Decimal(1), refunded_on=early, **facts)
    short = {"payment": posted, "reason": "x"}
    refused("at least 5 characters", verb, actor=reviewer, amount=Decimal(1), **short)


def test_a_refund_is_void_once_and_stands_in_the_way_of_the_payments_void(reviewer, payer, refused):
    posted = make_payment(payer, "600.00")
    refund = services.refund_credit(actor=reviewer, payment=posted, amount=Decimal(10), reason=WHY)
    void = {"actor": reviewer, "payment": posted, "cause": "error", "reason": WHY}
    refused("A part of it was refunded; void the refund first.", services.void_payment, **void)
    services.void_refund(actor=reviewer, refund=refund, reason=WHY)
    refused("This refund is void already", services.void_refund, actor=reviewer, refund=refund, reason=WHY)
    assert services.void_payment(**void).state == "void"


def test_the_same_refund_sent_twice_is_recorded_once(reviewer, payer, refused):
    posted = make_payment(payer, "600.00")
    facts = {"payment": posted, "amount": Decimal(10), "reason": WHY, "seen": version_of(posted)}
    services.refund_credit(actor=reviewer, **facts)
    assert (
        refused("changed since you saw it", services.refund_credit, actor=reviewer, **facts).code == "changed"
    )
