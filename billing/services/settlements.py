"""What settles a statement without cash: withholding, charges, rounding, write-offs, credit notes."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.documents.kinds import CREDIT_NOTE
from billing.models import Allocation, CreditNote, Settlement, Statement
from billing.reports.office import office_profile, office_today
from billing.rules import policy
from billing.rules.settlements import largest_rounding, needs_verifier
from billing.services.allocations import reverse
from billing.services.drafts import lock_statement as locked_statement
from billing.services.ledger import Limit, check_day, long_enough, require_seen, take_from
from billing.services.periods import require_open
from billing.services.second_person import require_second_person
from billing.services.sequences import take_number_fields
from billing.services.statements import require_office
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.money import to_display
from billtracker.core.process import jobs
from billtracker.core.text import clean, comparison_key

Kind = Settlement.Kind


@transaction.atomic
def settle_statement(
    *,
    actor,
    statement: Statement,
    kind: str,
    amount: Decimal,
    settled_on: dt.date | None = None,
    reason: str = "",
    certificate_number: str = "",
    certificate_date: dt.date | None = None,
    certificate_received_on: dt.date | None = None,
    seen: str | None = None,
) -> Settlement:
    """Settle a part of an issued statement other than in cash, at most what it still owes.

    A write-off takes who may verify and a reason, and so do bank charges beyond the office's share; a
    rounding difference is at most the office's step, once for each statement. A withholding may come
    with its certificate, or waits for it. ``seen`` is the version (``reports.balances.version_of``)
    that the person looked at: another one is refused. Raises DomainError and changes nothing otherwise.
    """
    writes_off = kind == Kind.WRITE_OFF
    policy.require(
        actor, policy.Permission.VERIFY_PAYMENTS if writes_off else policy.Permission.RECORD_PAYMENTS
    )
    if kind not in Kind.values:
        raise DomainError("Choose what settles it.", field="kind")
    owed, reason = locked_statement(statement), long_enough(reason) if writes_off else reason.strip()[:500]
    require_seen(owed, seen)
    first, rule = _require_issued(owed), "A statement is settled after its issue"
    amount, day = take_from([Limit("owed on", owed)], amount, settled_on, first, rule, field="settled_on")
    reason = _check_effect(actor, owed, kind, amount, reason)
    row = Settlement(
        statement=owed,
        kind=kind,
        settled_on=day,
        amount=amount,
        reason=reason,
        recorded_by=actor,
        recorded_at=timezone.now(),
    )
    if kind == Kind.WITHHOLDING:
        _put_certificate(row, certificate_number, certificate_date, certificate_received_on)
    require_open(actor=actor, day=day, doing="the settlement")
    row.save()
    _apply(actor, owed, day, amount, settlement=row)
    audit.record(actor, "statement.settled", row, {"kind": [None, kind], "amount": [None, amount]}, reason)
    return row


def _check_effect(actor, owed: Statement, kind: str, amount: Decimal, reason: str) -> str:
    """Return the reason once the settlement may clear that much: it goes by what it does, not by its name."""
    office, live = office_profile(), owed.settlements.filter(kind=kind, void_date=None)
    if kind == Kind.ROUNDING:
        most = largest_rounding(owed.currency, office.rounding_step)
        if amount > most:
            words = (
                f"A rounding difference is {to_display(most, owed.currency)} at most; more is a write-off."
            )
            raise DomainError(words, field="amount", code="too_much")
        if live.exists():
            words = f"{owed} has a rounding difference already; more is a write-off. Nothing was changed."
            raise DomainError(words, field="kind", code="rounded_already")
    charges, share = live.values_list("amount", flat=True), office.charge_share
    if not needs_verifier(kind, amount, total=owed.total, charges=charges, share=share):
        return reason
    if not policy.may(actor, policy.Permission.VERIFY_PAYMENTS):
        words = f"Bank charges of {owed} beyond {share} percent of its total are recorded by who may verify."
        raise NotAllowed(f"{words} Nothing was changed.")
    return long_enough(reason)


def _require_issued(owed: Statement) -> dt.date:
    """Return the statement's issue date; refuse anything but an issued one."""
    if owed.state != Statement.State.ISSUED or owed.issue_date is None:
        raise DomainError(
            f"{owed} is {owed.get_state_display().lower()}; only an issued statement is settled.",
            code="wrong_state",
        )
    return owed.issue_date


def _apply(actor, owed: Statement, day: dt.date, amount: Decimal, **source) -> Allocation:
    return Allocation.objects.create(
        statement=owed, amount=amount, effective_on=day, created_by=actor, created_at=timezone.now(), **source
    )


def _put_certificate(row: Settlement, number: str, date: dt.date | None, received_on: dt.date | None) -> None:
    """Fill in the certificate's facts, once they fit the withholding and no other one of the client."""
    number, today = clean(number), office_today()
    if received_on and not number:
        raise DomainError("A certificate that was received has a number.", field="certificate_number")
    for day, field in ((date, "certificate_date"), (received_on, "certificate_received_on")):
        if day and day > today:
            raise DomainError("The day is in the future.", field=field)
    first = max(row.settled_on, date or row.settled_on)
    if received_on and received_on < first:
        words = (
            f"A certificate comes after the tax was withheld, and on its date or later: {first.isoformat()}"
        )
        raise DomainError(f"{words} at the earliest.", field="certificate_received_on")
    _require_free_certificate(row, number)
    row.certificate_number, row.certificate_date, row.certificate_received_on = number, date, received_on


def _require_free_certificate(row: Settlement, number: str) -> None:
    """Refuse a number that another live withholding of the client carries, however it is spelt."""
    live = Settlement.objects.filter(statement__client=row.statement.client_id, void_date=None)
    others = live.exclude(pk=row.pk).exclude(certificate_number="").select_related("statement")
    key = comparison_key(number)
    taken = (one for one in others if key and comparison_key(one.certificate_number) == key)
    if other := next(taken, None):
        raise DomainError(
            f"Certificate {number} is on {other.statement} already. Nothing was changed.",
            field="certificate_number",
            code="certificate_taken",
        )


@transaction.atomic
def receive_certificate(
    *, actor, settlement: Settlement, number: str, date: dt.date | None, received_on: dt.date
) -> Settlement:
    """Note the certificate of a withholding that was pending."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    row = _locked_settlement(settlement)
    if not row.is_certificate_pending:
        raise DomainError("No certificate is pending here. Nothing was changed.", code="wrong_state")
    _put_certificate(row, number, date, received_on)
    # What was pending at the end of a closed month stays so in its report.
    require_open(actor=actor, day=received_on, doing="the certificate")
    row.save()
    audit.record(
        actor,
        "withholding.received",
        row,
        {"certificate_number": ["", row.certificate_number], "received_on": [None, received_on]},
    )
    return row


def _locked_settlement(settlement: Settlement) -> Settlement:
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("statement")
    return rows.get(pk=settlement.pk)


@transaction.atomic
def void_settlement(
    *, actor, settlement: Settlement, reason: str, void_date: dt.date | None = None
) -> Settlement:
    """Take a settlement back by a dated reversal; the statement owes the amount again from that day on."""
    policy.require(actor, policy.Permission.VERIFY_PAYMENTS)
    locked_statement(settlement.statement)
    row = _locked_settlement(settlement)
    if row.void_date:
        raise DomainError("This settlement is void already. Nothing was changed.", code="wrong_state")
    reason = long_enough(reason)
    day = void_date or max(row.settled_on, office_today())
    check_day(day, row.settled_on, "A settlement is voided after it was made", field="void_date")
    require_open(actor=actor, day=day, doing="the void")
    reverse(actor, row.allocations.live().get(), day, reason)
    row.voided_by, row.voided_at, row.void_date, row.void_reason = actor, timezone.now(), day, reason
    row.save()
    audit.record(actor, "settlement.voided", row, {"amount": [row.amount, None]}, reason)
    return row


# --- credit notes ------------------------------------------------------------------------------
@transaction.atomic
def issue_credit_note(
    *,
    actor,
    statement: Statement,
    amount: Decimal,
    reason: str,
    issue_date: dt.date | None = None,
    seen: str | None = None,
) -> CreditNote:
    """Take back a part of an issued statement by a numbered document, at most what it still owes.

    Whoever wrote, edited or submitted the statement does not issue it. What is paid already is
    un-applied first, and is then the client's credit. Number, snapshot,
    allocation and audit entry commit together or not at all; the worker makes the PDF. ``seen`` as
    for a settlement.
    """
    policy.require(actor, policy.Permission.REVIEW)
    owed, office, reason = locked_statement(statement), require_office(), long_enough(reason)
    require_seen(owed, seen)
    first, rule = _require_issued(owed), "A credit note comes after its statement"
    amount, day = take_from([Limit("owed on", owed)], amount, issue_date, first, rule, field="issue_date")
    words = {"who": "wrote, edited or submitted", "deed": "issues its credit note"}
    alone = require_second_person(actor=actor, row=owed, **words)
    require_open(actor=actor, day=day, doing="the credit note")
    note = CreditNote(
        statement=owed,
        issue_date=day,
        amount=amount,
        currency=owed.currency,
        reason=reason,
        issued_by=actor,
        issued_at=timezone.now(),
        **take_number_fields(CREDIT_NOTE.sequence, day),
    )
    note.snapshot = CREDIT_NOTE.snapshot(note, office)
    note.save()
    _apply(actor, owed, day, amount, credit_note=note)
    changes = {"number": [None, note.number], "amount": [None, amount], "statement": [None, owed.number]}
    changes |= alone
    audit.record(actor, "credit_note.issued", note, changes, reason)
    jobs.enqueue(CREDIT_NOTE.job, note.pk)
    return note
