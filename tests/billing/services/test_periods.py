"""Months are locked, closed and opened again only in order, and a shut one refuses every dated act."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import services
from billing.models import Allocation, BooksCheck, Payment, Period, Settlement, Statement
from billing.reports.control_totals import control_totals, differences
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from billtracker.core.periods import Month
from tests.factories import (
    make_allocation,
    make_client,
    make_draft,
    make_engagement,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_period,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
REASON = "Agreed with the accountant"


@pytest.fixture(autouse=True)
def office(time_machine):
    time_machine.move_to(NOW, tick=False)
    BooksCheck.objects.create(checked_at=NOW, entry_count=0, counter_count=0)
    return make_office()


@pytest.fixture
def admin():
    return make_office_user("Admin")


@pytest.fixture
def payer():
    return make_client()


def on(day: int, month: int = 9) -> dt.date:
    return dt.date(2026, month, day)


def verified(client, amount="1000.00", **overrides) -> Payment:
    by = make_office_user("Reviewer")
    facts = {"state": "verified", "verified_by": by, "verified_at": timezone.now(), "paid_on": on(10)}
    return make_payment(client, amount, **{**facts, **overrides})


def issued_on(payer, day: dt.date, amount: str = "1000.00", *, has_pdf: bool = True) -> Statement:
    """A statement of that day, issued by the services."""
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    draft = services.submit_statement(actor=biller, statement=make_draft(payer, amount, created_by=biller))
    issued = services.issue_statement(actor=reviewer, statement=draft, issue_date=day)
    if has_pdf:
        issued.documents.create(path="x", sha256="0" * 64, size=1, made_at=NOW)
    return issued


def close(admin, month: Month, **skipped) -> Period:
    return services.close_period(actor=admin, month=month, **skipped)


def refusal(act, code: str) -> str:
    before = list(AuditEntry.objects.values_list("pk", flat=True))
    with pytest.raises(DomainError) as caught:
        act()
    assert caught.value.code == code
    assert list(AuditEntry.objects.values_list("pk", flat=True)) == before
    return caught.value.sentence


# --- soft lock ---------------------------------------------------------------------------------
def test_a_month_is_locked_and_unlocked_with_a_reason_and_both_are_in_the_log(admin):
    locked = services.lock_period(actor=admin, month=SEPTEMBER)
    assert (locked.state, locked.starts_on, locked.ends_before) == ("locked", on(1), on(1, 10))
    refusal(lambda: services.lock_period(actor=admin, month=SEPTEMBER), "wrong_state")
    refusal(lambda: services.unlock_period(actor=admin, month=SEPTEMBER, reason="no"), "refused")
    assert services.unlock_period(actor=admin, month=SEPTEMBER, reason=REASON).state == "open"
    actions = AuditEntry.objects.filter(action__startswith="period.").order_by("position")
    assert list(actions.values_list("action", "reason")) == [
        ("period.locked", ""),
        ("period.unlocked", REASON),
    ]


def test_a_month_that_has_not_begun_is_not_locked(admin):
    refusal(lambda: services.lock_period(actor=admin, month=Month(2026, 12)), "not_begun")
    assert services.lock_period(actor=admin, month=NOVEMBER).state == "locked"


@pytest.mark.parametrize("role", ["Biller", "Reviewer", "Viewer"])
def test_only_an_admin_shuts_and_opens_months(role):
    actor, until = make_office_user(role), NOW + dt.timedelta(hours=1)
    leave = make_period("2026-09").exceptions.create(
        user=actor, until=until, reason=REASON, granted_by=actor, granted_at=NOW
    )
    for act in (
        lambda: services.lock_period(actor=actor, month=OCTOBER),
        lambda: services.unlock_period(actor=actor, month=SEPTEMBER, reason=REASON),
        lambda: services.close_period(actor=actor, month=SEPTEMBER),
        lambda: services.reopen_period(actor=actor, month=SEPTEMBER, reason=REASON),
        lambda: services.grant_exception(
            actor=actor, month=SEPTEMBER, user=actor, until=until, reason=REASON
        ),
        lambda: services.end_exception(actor=actor, exception=leave),
    ):
        with pytest.raises(NotAllowed):
            act()


# --- every dated act --------------------------------------------------------------------------------
def dated_acts(payer) -> dict:
    """Return each act that dates something into September, by name."""
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    submitted = services.submit_statement(actor=biller, statement=make_draft(payer, created_by=biller))
    issued, other = (make_issued(client=payer, issue_date=on(1)) for _ in range(2))
    paid, unused = (make_payment(payer, paid_on=on(2), by=biller) for _ in range(2))
    unposted = make_payment(payer, state="draft", paid_on=on(3), by=biller)
    row = make_allocation(paid, issued, "400.00", effective_on=on(4))
    refund = services.refund_credit(
        actor=reviewer, payment=paid, amount=Decimal(1), reason=REASON, refunded_on=on(5)
    )
    settled = services.settle_statement(
        actor=reviewer, statement=issued, kind="bank_charge", amount=Decimal(1), settled_on=on(5)
    )
    untouched = make_payment(payer, paid_on=on(2), by=biller)
    new = Payment(client=payer, paid_on=on(6), amount=Decimal(5), currency="PHP", manual_number="OR new")
    amount, reason = Decimal(1), REASON
    return {
        "issue": lambda who: services.issue_statement(actor=who, statement=submitted, issue_date=on(9)),
        "void": lambda who: services.void_statement(
            actor=who, statement=other, reason=reason, void_date=on(9)
        ),
        "payment": lambda who: services.save_payment(actor=who, payment=new),
        "post": lambda who: services.post_payment(actor=who, payment=unposted),
        "allocate": lambda who: services.allocate_payment(
            actor=who, payment=unused, statement=issued, amount=amount, effective_on=on(9)
        ),
        "un-apply": lambda who: services.unapply_allocation(
            actor=who, allocation=row, reason=reason, effective_on=on(9)
        ),
        "void payment": lambda who: services.void_payment(
            actor=who, payment=untouched, cause="bounced", reason=reason, void_date=on(9)
        ),
        "refund": lambda who: services.refund_credit(
            actor=who, payment=unused, amount=amount, reason=reason, refunded_on=on(9)
        ),
        "void refund": lambda who: services.void_refund(
            actor=who, refund=refund, reason=reason, void_date=on(9)
        ),
        "settle": lambda who: services.settle_statement(
            actor=who, statement=issued, kind="bank_charge", amount=amount, settled_on=on(9)
        ),
        "void settlement": lambda who: services.void_settlement(
            actor=who, settlement=settled, reason=reason, void_date=on(9)
        ),
        "credit note": lambda who: services.issue_credit_note(
            actor=who, statement=issued, amount=amount, reason=reason, issue_date=on(9)
        ),
    }


DOORS = (
    "issue", "void", "payment", "post", "allocate", "un-apply", "void payment", "refund", "void refund",
    "settle", "void settlement", "credit note",
)  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_a_locked_month_refuses_and_an_exception_lets_one_person_through(admin, payer, name, time_machine):
    act, other = dated_acts(payer)[name], make_office_user("Admin")
    services.lock_period(actor=admin, month=SEPTEMBER)
    assert "September 2026 is locked" in refusal(lambda: act(other), "period_locked")
    until = NOW + dt.timedelta(hours=2)
    leave = services.grant_exception(actor=admin, month=SEPTEMBER, user=other, until=until, reason=REASON)
    refusal(lambda: act(admin), "period_locked")
    time_machine.move_to(until, tick=False)
    refusal(lambda: act(other), "period_locked")
    time_machine.move_to(NOW, tick=False)
    act(other)
    [used] = AuditEntry.objects.filter(action="period.exception_used")
    assert (used.actor_id, used.target_id) == (other.pk, str(leave.pk))
    assert audit.verify() == []


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_a_closed_month_refuses_the_act_whoever_asks(admin, payer, name, month):
    act = dated_acts(payer)[name]
    period = make_period(month, "closed")
    period.exceptions.create(
        user=admin, until=NOW + dt.timedelta(hours=1), reason=REASON, granted_by=admin, granted_at=NOW
    )
    assert "September 2026 is closed" in refusal(lambda: act(admin), "period_closed")


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_batch_issues_nothing_into_a_shut_month(admin, payer, state):
    biller = make_office_user("Biller")
    drafts = [
        services.submit_statement(actor=biller, statement=make_draft(payer, created_by=biller))
        for _ in range(2)
    ]
    make_period("2026-09", state)
    results = list(services.issue_statements(actor=admin, statements=drafts, issue_date=on(9)))
    assert all(f"September 2026 is {state}" in result.refusal for result in results)
    assert not Statement.objects.numbered().exists()


# --- the cycle ---------------------------------------------------------------------------------
def outcomes(found) -> set:
    return {(one.outcome, one.reason) for one in found}


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_the_cycle_skips_a_shut_month_in_preview_and_run_alike(admin, state):
    make_engagement()
    suspended = make_engagement(status="suspended")
    make_period("2026-09", state)
    expected = {("skipped", f"September 2026 is {state}."), ("skipped", "The engagement is suspended.")}
    assert outcomes(services.preview_cycle(actor=admin, month=SEPTEMBER)) == expected
    run = services.run_cycle(actor=admin, month=SEPTEMBER)
    assert set(run.lines.values_list("outcome", "reason")) == expected
    assert (run.state, run.skipped_count) == ("done", 2)
    assert not Statement.objects.exists()
    assert suspended.pk


def test_an_exception_lets_one_persons_cycle_through_and_its_use_is_in_the_log(admin):
    make_engagement()
    biller, other = make_office_user("Biller"), make_office_user("Biller")
    services.lock_period(actor=admin, month=SEPTEMBER)
    services.grant_exception(
        actor=admin, month=SEPTEMBER, user=biller, until=NOW + dt.timedelta(hours=1), reason=REASON
    )
    assert services.run_cycle(actor=other, month=SEPTEMBER).skipped_count == 1
    assert outcomes(services.preview_cycle(actor=biller, month=SEPTEMBER)) == {("created", "")}
    assert services.run_cycle(actor=biller, month=SEPTEMBER).created_count == 1
    assert AuditEntry.objects.filter(action="period.exception_used", actor_id=biller.pk).count() == 1


def test_a_month_shut_by_a_later_close_is_closed_for_the_cycle_too(admin):
    make_engagement()
    make_period("2026-10", "closed")
    found = services.preview_cycle(actor=admin, month=SEPTEMBER)
    assert outcomes(found) == {("skipped", "September 2026 is closed.")}


# --- exceptions --------------------------------------------------------------------------------
def test_an_exception_is_for_a_locked_month_for_somebody_who_works_and_ends_soon(admin):
    biller, viewer = make_office_user("Biller"), make_office_user("Viewer")
    hour = NOW + dt.timedelta(hours=1)

    def grant(user=biller, until=hour, month=SEPTEMBER, reason=REASON):
        return services.grant_exception(actor=admin, month=month, user=user, until=until, reason=reason)

    refusal(grant, "wrong_state")
    services.lock_period(actor=admin, month=SEPTEMBER)
    refusal(lambda: grant(user=viewer), "refused")
    refusal(lambda: grant(until=NOW), "refused")
    refusal(lambda: grant(until=NOW + dt.timedelta(days=32)), "refused")
    refusal(lambda: grant(reason="ok"), "refused")
    leave = grant()
    refusal(grant, "has_one")
    services.end_exception(actor=admin, exception=leave)
    refusal(lambda: services.end_exception(actor=admin, exception=leave), "wrong_state")
    new = Payment(client=make_client(), paid_on=on(6), amount=Decimal(5), currency="PHP")
    refusal(lambda: services.save_payment(actor=biller, payment=new), "period_locked")


def test_unlocking_ends_the_exceptions_so_that_a_new_lock_holds_for_everybody(admin):
    biller = make_office_user("Biller")
    services.lock_period(actor=admin, month=SEPTEMBER)
    services.grant_exception(
        actor=admin, month=SEPTEMBER, user=biller, until=NOW + dt.timedelta(hours=1), reason=REASON
    )
    services.unlock_period(actor=admin, month=SEPTEMBER, reason=REASON)
    services.lock_period(actor=admin, month=SEPTEMBER)
    new = Payment(client=make_client(), paid_on=on(6), amount=Decimal(5), currency="PHP")
    refusal(lambda: services.save_payment(actor=biller, payment=new), "period_locked")


# --- close -------------------------------------------------------------------------------------
def test_a_month_closes_with_its_control_totals_and_the_head_of_the_audit_chain(admin, payer):
    issued, paid = issued_on(payer, on(3), "1000.00"), verified(payer, "700.00")
    make_allocation(paid, issued, "600.00", effective_on=on(11))
    services.settle_statement(
        actor=admin,
        statement=issued,
        kind="withholding",
        amount=Decimal(50),
        settled_on=on(12),
        certificate_number="2307-1",
        certificate_received_on=on(20),
    )
    services.issue_credit_note(
        actor=admin, statement=issued, amount=Decimal(25), reason=REASON, issue_date=on(13)
    )
    services.refund_credit(actor=admin, payment=paid, amount=Decimal(40), reason=REASON, refunded_on=on(14))
    head = AuditEntry.objects.filter(scope="office").order_by("-position").first()
    period = close(admin, SEPTEMBER, skipped=["credit"], reason=REASON)
    assert period.state == "closed"
    assert period.closing["currencies"] == {
        "PHP": {
            "issued": "1000.00", "voided": "0.00", "received": "700.00", "payments_voided": "0.00",
            "applied": "600.00", "withholding": "50.00", "bank_charge": "0.00", "rounding": "0.00",
            "write_off": "0.00", "credited": "25.00", "refunded": "40.00", "outstanding": "325.00",
            "credit": "60.00",
        }
    }  # fmt: skip
    assert period.closing["counts"] == {
        "statements": 1, "statements_voided": 0, "payments": 1, "payments_voided": 0, "allocations": 3,
        "settlements": 1, "credit_notes": 1, "refunds": 1,
    }  # fmt: skip
    assert period.closing["last_numbers"] == {"CN 2026": 1, "SOA 2026": 1}
    assert period.closing["audit"] == {"position": head.position, "hash": head.hash}
    entry = AuditEntry.objects.get(action="period.closed")
    assert entry.reason == REASON
    assert entry.changes["skipped"] == [None, ["Payments with unapplied credit: 1"]]
    assert entry.changes["closing"] == [None, period.closing]
    assert differences(period.closing, control_totals(SEPTEMBER)) == []


def test_the_totals_of_a_closed_month_stay_though_its_statement_is_paid_and_voided_later(admin, payer):
    first, second = issued_on(payer, on(3)), issued_on(payer, on(4), "50.00")
    period = close(admin, SEPTEMBER)
    paid = verified(payer, paid_on=on(2, 10))
    services.allocate_payment(actor=admin, payment=paid, statement=first, amount=Decimal(1000))
    services.void_statement(actor=admin, statement=second, reason=REASON)
    assert differences(period.closing, control_totals(SEPTEMBER)) == []


def test_a_total_that_is_no_longer_the_same_is_named(admin, payer):
    issued_on(payer, on(3))
    closing = close(admin, SEPTEMBER).closing
    closing["currencies"]["PHP"]["issued"] = "999.00"
    [difference] = differences(closing, control_totals(SEPTEMBER))
    assert (difference.name, difference.then, difference.now) == ("Issued, PHP", "999.00", "1000.00")


def test_only_a_finished_month_closes_by_the_offices_own_calendar(admin, payer, time_machine):
    issued_on(payer, on(3))
    # 16:30 UTC on 30 September is half past midnight of 1 October in Manila.
    time_machine.move_to(dt.datetime(2026, 9, 30, 15, 30, tzinfo=dt.UTC), tick=False)
    refusal(lambda: close(admin, SEPTEMBER), "not_finished")
    time_machine.move_to(dt.datetime(2026, 9, 30, 16, 30, tzinfo=dt.UTC), tick=False)
    assert close(admin, SEPTEMBER, skipped=["books"], reason=REASON).state == "closed"


def test_months_close_and_reopen_only_in_order(admin, payer):
    for month in (8, 10):
        issued_on(payer, on(3, month))
    assert refusal(lambda: close(admin, OCTOBER), "order").startswith("August 2026 comes first")
    close(admin, AUGUST)
    # Nothing happened in September: October closes it along.
    close(admin, OCTOBER)
    refusal(lambda: close(admin, OCTOBER), "wrong_state")
    refusal(lambda: close(admin, SEPTEMBER), "wrong_state")
    for month, code in ((AUGUST, "order"), (SEPTEMBER, "wrong_state"), (NOVEMBER, "wrong_state")):
        refusal(lambda month=month: services.reopen_period(actor=admin, month=month, reason=REASON), code)
    closing = Period.objects.get(starts_on=on(1, 10)).closing
    reopened = services.reopen_period(actor=admin, month=OCTOBER, reason=REASON)
    assert (reopened.state, reopened.closing) == ("open", None)
    entry = AuditEntry.objects.get(action="period.reopened")
    assert (entry.reason, entry.changes["closing"]) == (REASON, [closing, None])
    services.reopen_period(actor=admin, month=AUGUST, reason=REASON)
    issued_on(payer, on(5))
    close(admin, AUGUST)
    assert refusal(lambda: close(admin, OCTOBER), "order").startswith("September 2026 comes first")


def test_the_month_before_the_first_activity_is_never_asked_for(admin, payer):
    issued_on(payer, on(3))
    assert close(admin, SEPTEMBER).state == "closed"


@pytest.mark.parametrize(
    ("what", "label"),
    [
        ("a draft of the period", "Drafts and statements in review: 1"),
        ("a draft of a proposed day", "Drafts and statements in review: 1"),
        ("one in review", "Drafts and statements in review: 1"),
        ("a payment not posted", "Payments not posted: 1"),
        ("a payment not verified", "Payments not verified: 1"),
        ("an older payment not posted", "Payments not posted: 1"),
    ],
)
def test_what_is_not_finished_blocks_the_close_and_cannot_be_skipped(admin, payer, what, label):
    match what:
        case "a draft of the period":
            make_draft(payer, period_start=on(1), period_end=on(1, 10))
        case "a draft of a proposed day":
            make_draft(payer, issue_date=on(30))
        case "one in review":
            services.submit_statement(actor=admin, statement=make_draft(payer, issue_date=on(1)))
        case "a payment not posted":
            make_payment(payer, paid_on=on(30), state="draft")
        case "a payment not verified":
            make_payment(payer, paid_on=on(1))
        case "an older payment not posted":
            make_payment(payer, paid_on=on(1, 7), state="draft")
    everything = ["drafts", "unposted", "unverified", "missed", "certificates", "credit", "pdf", "books"]
    sentence = refusal(lambda: close(admin, SEPTEMBER, skipped=everything, reason=REASON), "blocked")
    assert label in sentence
    assert not Period.objects.exists()


def test_what_lies_in_the_next_month_does_not_block(admin, payer):
    issued_on(payer, on(3))
    make_draft(payer, issue_date=on(1, 10))
    make_draft(payer)
    make_payment(payer, paid_on=on(1, 10), state="draft")
    assert close(admin, SEPTEMBER).state == "closed"


@pytest.mark.parametrize("code", ["missed", "certificates", "credit", "pdf", "books"])
def test_each_warning_is_skipped_by_name_and_with_a_reason_only(admin, payer, code):
    issued = issued_on(payer, on(3), has_pdf=code != "pdf")
    match code:
        case "missed":
            make_engagement(payer, starts_on=on(1))
        case "certificates":
            services.settle_statement(
                actor=admin, statement=issued, kind="withholding", amount=Decimal(50), settled_on=on(12)
            )
        case "credit":
            verified(payer)
        case "books":
            BooksCheck.objects.all().delete()
    refusal(lambda: close(admin, SEPTEMBER), "warnings")
    refusal(lambda: close(admin, SEPTEMBER, skipped=["other"], reason=REASON), "warnings")
    refusal(lambda: close(admin, SEPTEMBER, skipped=[code], reason="hm"), "refused")
    assert close(admin, SEPTEMBER, skipped=[code], reason=REASON).state == "closed"


def test_nothing_counts_into_a_month_after_its_close_on_any_way(admin, payer):
    issued, paid = issued_on(payer, on(3)), verified(payer)
    close(admin, SEPTEMBER, skipped=["credit"], reason=REASON)
    before = Allocation.objects.count(), Settlement.objects.count()
    refusal(
        lambda: services.allocate_payment(
            actor=admin, payment=paid, statement=issued, amount=Decimal(1), effective_on=on(30)
        ),
        "period_closed",
    )
    assert (Allocation.objects.count(), Settlement.objects.count()) == before
