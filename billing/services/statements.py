"""A statement's life after its draft: submitted, returned, issued with a number, void, reissued."""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from billing.documents.kinds import STATEMENT
from billing.models import OfficeProfile, Statement, StatementLine
from billing.reports.account_statements import prior_balance
from billing.reports.office import office_profile
from billing.reports.review import proposed_day, version_of
from billing.rules import policy
from billing.services.drafts import check_dates, lock_statement
from billing.services.ledger import long_enough, void_day
from billing.services.periods import require_open
from billing.services.second_person import require_second_person
from billing.services.sequences import take_number_fields
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO
from billtracker.core.periods import today
from billtracker.core.process import jobs

State = Statement.State
LONGEST_NOTES = 2000


def _require_state(statement: Statement, state: State, doing: str) -> None:
    if statement.state != state:
        words = f"{statement} is {statement.get_state_display().lower()}; {doing}. Nothing was changed."
        raise DomainError(words, code="wrong_state")


def _require_seen(draft: Statement, seen: str | None) -> None:
    """Refuse what is no longer what the person saw; None asks for no such proof."""
    if seen is not None and seen != version_of(draft):
        raise DomainError(
            f"{draft} changed since you saw it; look at it again. Nothing was changed.", code="changed"
        )


# --- review ------------------------------------------------------------------------------------
@transaction.atomic
def submit_statement(*, actor, statement: Statement) -> Statement:
    """Hand a draft to the reviewers. It cannot be edited until one of them returns it."""
    policy.require(actor, policy.Permission.DRAFT)
    draft = lock_statement(statement)
    _require_state(draft, State.DRAFT, "only a draft is submitted")
    _require_lines(draft)
    draft.state, draft.submitted_by, draft.submitted_at = State.IN_REVIEW, actor, timezone.now()
    draft.save(update_fields=["state", "submitted_by", "submitted_at"])
    audit.record(actor, "statement.submitted", draft, {"state": [State.DRAFT, State.IN_REVIEW]})
    return draft


@transaction.atomic
def return_statement(*, actor, statement: Statement, comment: str, seen: str | None = None) -> Statement:
    """Give a submitted draft back with a comment that says what to mend; ``seen`` as at the issue."""
    policy.require(actor, policy.Permission.REVIEW)
    draft = lock_statement(statement)
    _require_state(draft, State.IN_REVIEW, "only a submitted draft is returned")
    _require_seen(draft, seen)
    comment = comment.strip()
    if not comment:
        raise DomainError("Say what is to be mended.", field="comment")
    draft.state, draft.return_comment = State.DRAFT, comment[:500]
    draft.submitted_by, draft.submitted_at = None, None
    draft.save(update_fields=["state", "return_comment", "submitted_by", "submitted_at"])
    audit.record(actor, "statement.returned", draft, {"state": [State.IN_REVIEW, State.DRAFT]}, comment)
    return draft


def _require_lines(draft: Statement) -> None:
    """Refuse a statement without lines, or whose stored total is not the sum of its lines."""
    amounts = list(draft.lines.values_list("amount", flat=True))
    if not amounts:
        raise DomainError(f"{draft} has no lines. Nothing was changed.")
    if sum(amounts, ZERO) != draft.total:
        raise DomainError(f"The lines of {draft} do not add up to its total; open it and save it again.")


# --- issue -------------------------------------------------------------------------------------
@transaction.atomic
def issue_statement(
    *,
    actor,
    statement: Statement,
    issue_date: dt.date | None = None,
    due_date: dt.date | None = None,
    seen: str | None = None,
) -> Statement:
    """Give a reviewed draft its number and freeze it; the worker then makes its PDF.

    Number, state, snapshot and audit entry commit together or not at all. The issue date is the
    given one, else the proposed one, or today in the office's time zone where that has passed; the due
    date follows from the client's terms. ``seen`` is the version (``reports.review.version_of``) that the
    person looked at: another one is refused. Raises DomainError and burns no number otherwise.
    """
    policy.require(actor, policy.Permission.REVIEW)
    draft, office = lock_statement(statement), require_office()
    _require_state(draft, State.IN_REVIEW, "only a submitted draft is issued")
    facts = {"who": "wrote, edited or submitted", "deed": "issues it"}
    alone = require_second_person(actor=actor, row=draft, **facts)
    _require_seen(draft, seen)
    _require_lines(draft)
    now = today(office.time_zone)
    day = issue_date or proposed_day(draft, now)
    _check_year(now, day)
    draft.issue_date, draft.due_date = day, due_date or _default_due_date(office, draft, day)
    check_dates(day, draft.due_date)
    require_open(actor=actor, day=day, doing="the issue")
    for name, value in take_number_fields(STATEMENT.sequence, day).items():
        setattr(draft, name, value)
    draft.state, draft.issued_by, draft.issued_at = State.ISSUED, actor, timezone.now()
    draft.snapshot = STATEMENT.snapshot(draft, office, prior_balance(draft) if office.shows_account else None)
    draft.save()
    changes: dict = {"number": [None, draft.number], "total": [None, draft.total], **alone}
    audit.record(actor, "statement.issued", draft, changes)
    jobs.enqueue(STATEMENT.job, draft.pk)
    return draft


def require_office() -> OfficeProfile:
    """Return the office's profile; a document without an issuer is none."""
    office = office_profile()
    if not office.name:
        raise DomainError(
            "Fill in the office's profile first: a statement names who issues it.", code="no_office"
        )
    return office


def _default_due_date(office: OfficeProfile, draft: Statement, issue_date: dt.date) -> dt.date:
    """Return the proposed due date if it still fits, else the issue date plus the client's terms.

    It fits no more where the issue moved behind the proposed day: the client has its days in full.
    """
    has_moved = draft.issue_date is not None and issue_date > draft.issue_date
    if draft.due_date and draft.due_date >= issue_date and not has_moved:
        return draft.due_date
    if draft.due_date and draft.issue_date and has_moved:
        return issue_date + (draft.due_date - draft.issue_date)
    days = office.terms_days if draft.client.terms_days is None else draft.client.terms_days
    return issue_date + dt.timedelta(days=days)


def _check_year(now: dt.date, issue_date: dt.date) -> None:
    """Refuse a slip of the pen such as the year 2062, which would begin a counter of its own."""
    if not now - relativedelta(years=5) <= issue_date <= now + relativedelta(months=3):
        raise DomainError(
            "An issue date is at most five years back and three months ahead.", field="issue_date"
        )


# --- notes -------------------------------------------------------------------------------------
@transaction.atomic
def note_statement(*, actor, statement: Statement, notes: str, before: str | None = None) -> Statement:
    """Write the internal notes, in every state: they are never printed, and the issue leaves them open.

    ``before`` is what the person saw there; notes that somebody else wrote meanwhile are not overwritten.
    """
    policy.require(actor, policy.Permission.DRAFT)
    row, notes = lock_statement(statement), _plain_lines(notes)
    if before is not None and _plain_lines(before) != _plain_lines(row.internal_notes):
        raise DomainError("Somebody else changed the notes meanwhile; they stand above.", code="changed")
    if len(notes) > LONGEST_NOTES:
        raise DomainError(f"Notes have at most {LONGEST_NOTES} characters.", field="notes")
    changes = audit.changed_fields({"internal_notes": row.internal_notes}, {"internal_notes": notes})
    if changes:
        row.internal_notes = notes
        row.save(update_fields=["internal_notes"])
        audit.record(actor, "statement.noted", row, changes)
    return row


def _plain_lines(text: str) -> str:
    """Return the text with one sign for the end of a line: browsers send two."""
    return "\n".join(text.strip().splitlines())


# --- void --------------------------------------------------------------------------------------
@transaction.atomic
def void_statement(
    *, actor, statement: Statement, reason: str, void_date: dt.date | None = None
) -> Statement:
    """Take an issued statement back. It keeps its number and its document; its period is free again.

    Needs a reason of five characters or more. The worker adds a copy stamped VOID.
    """
    policy.require(actor, policy.Permission.REVIEW)
    issued = lock_statement(statement)
    _require_state(issued, State.ISSUED, "only an issued statement is voided")
    reason = long_enough(reason)
    _require_unapplied(issued)
    void_date = void_day(issued, (), void_date, "A statement is voided after the last event on it")
    require_open(actor=actor, day=void_date, doing="the void")
    issued.state, issued.voided_by, issued.voided_at = State.VOID, actor, timezone.now()
    issued.void_date, issued.void_reason = void_date, reason
    issued.save(update_fields=["state", "voided_by", "voided_at", "void_date", "void_reason"])
    audit.record(actor, "statement.voided", issued, {"state": [State.ISSUED, State.VOID]}, reason)
    jobs.enqueue(STATEMENT.job, issued.pk)
    return issued


def _require_unapplied(issued: Statement) -> None:
    """Refuse a statement on which money or a credit note stands, naming what is to be un-applied."""
    live = issued.allocations.live().select_related("payment", "settlement", "credit_note")
    if sources := [str(row.source) for row in live]:
        raise DomainError(
            f"{issued} is settled in part by {', '.join(sources[:10])}; take that off first."
            " Nothing was changed.",
            code="has_allocations",
        )


@transaction.atomic
def reissue_statement(*, actor, statement: Statement) -> Statement:
    """Make a draft with the content of a void statement; both link to each other."""
    policy.require(actor, policy.Permission.REVIEW)
    void = lock_statement(statement)
    _require_state(void, State.VOID, "only a void statement is reissued")
    if known := Statement.objects.filter(replaces=void).first():
        raise DomainError(f"{void} is replaced by {known} already.", code="reissued")
    if void.kind == Statement.Kind.RETAINER and _period_is_billed(void):
        raise DomainError(
            "Its period is billed by another statement already. Nothing was made.", code="period_billed"
        )
    draft = Statement.objects.create(
        client=void.client,
        kind=void.kind,
        engagement=void.engagement,
        period_start=void.period_start,
        period_end=void.period_end,
        currency=void.currency,
        total=void.total,
        notes=void.notes,
        replaces=void,
        created_by=actor,
        created_at=timezone.now(),
    )
    StatementLine.objects.bulk_create(_copy_line(line, draft) for line in void.lines.order_by("position"))
    audit.record(
        actor, "statement.reissued", draft, {"replaces": [None, void.number], "total": [None, draft.total]}
    )
    return draft


def _period_is_billed(statement: Statement) -> bool:
    same = Statement.objects.filter(
        kind=statement.kind, engagement=statement.engagement, period_start=statement.period_start
    )
    return same.not_void().exists()


def _copy_line(line: StatementLine, draft: Statement) -> StatementLine:
    return StatementLine(
        statement=draft,
        position=line.position,
        engagement_id=line.engagement_id,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        amount=line.amount,
    )
