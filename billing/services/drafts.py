"""Drafts: made, edited and deleted as long as they were never issued."""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.models import Client, Engagement, Statement, StatementLine
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.money import MAX_AMOUNT, ZERO, MoneyError, exact, round_money

MAX_LINES = 500


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as a person gives it; a discount is a line of a negative unit price."""

    description: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    unit: str = ""
    engagement: Engagement | None = None


@transaction.atomic
def save_draft(
    *,
    actor,
    client: Client,
    lines: Many[LineInput],
    statement: Statement | None = None,
    issue_date: dt.date | None = None,
    due_date: dt.date | None = None,
    notes: str = "",
    internal_notes: str = "",
) -> Statement:
    """Make a special draft, or replace the lines, dates and notes of a draft that is not in review.

    Amounts are exact in the client's currency; each line is rounded half-up once and the total is
    their sum. Raises DomainError for a wrong line, a total below zero and a statement past draft.
    """
    policy.require(actor, policy.Permission.DRAFT)
    if statement is None:
        draft, action = _new_draft(actor, client), "statement.drafted"
    else:
        draft, action = _lock_draft(statement, client), "statement.edited"
    rows = checked_lines(client, draft.currency, lines)
    before = {"total": None if draft.pk is None else draft.total, "lines": _to_audit_dict(draft)}
    draft.total = sum((row.amount for row in rows), ZERO)
    if draft.total < ZERO:
        raise DomainError("The total of a statement cannot be below zero.", field="lines")
    if draft.total > MAX_AMOUNT:
        raise DomainError("The total is too large.", field="lines")
    check_dates(issue_date, due_date)
    draft.issue_date, draft.due_date = issue_date, due_date
    draft.notes, draft.internal_notes = notes.strip(), internal_notes.strip()
    draft.save()
    _put_lines(draft, rows)
    audit.record(
        actor,
        action,
        draft,
        audit.changed_fields(before, {"total": draft.total, "lines": _to_audit_dict(draft)}),
    )
    return draft


def _new_draft(actor, client: Client) -> Statement:
    return Statement(
        client=client,
        kind=Statement.Kind.SPECIAL,
        currency=client.currency,
        created_by=actor,
        created_at=timezone.now(),
    )


def _lock_draft(statement: Statement, client: Client) -> Statement:
    """Return the locked draft; DomainError when it is past draft, or another client's."""
    draft = lock_statement(statement)
    if draft.state != Statement.State.DRAFT:
        raise DomainError(f"{draft} is {draft.get_state_display().lower()}; only a draft can be edited.")
    if draft.client_id != client.pk:
        raise DomainError("A draft stays with its client; delete it and make another one.")
    return draft


def lock_statement(statement: Statement) -> Statement:
    """Return the statement's row as it is now, held until the transaction ends."""
    rows = Statement.objects.select_for_update(of=("self",)).select_related("client")
    found = rows.filter(pk=statement.pk).first()
    if found is None:
        raise DomainError("This draft was deleted meanwhile.")
    return found


def check_dates(issue_date: dt.date | None, due_date: dt.date | None) -> None:
    if issue_date and due_date and due_date < issue_date:
        raise DomainError("A statement is due on or after its issue date.", field="due_date")


def checked_lines(client: Client, currency: str, lines: Many[LineInput]) -> list[StatementLine]:
    """Return the lines as rows with their amounts; the first wrong one raises DomainError."""
    if not lines:
        raise DomainError("A statement has at least one line.", field="lines")
    if len(lines) > MAX_LINES:
        raise DomainError(f"A statement has at most {MAX_LINES} lines.", field="lines")
    return [_checked_line(client, currency, position, line) for position, line in enumerate(lines, start=1)]


def _checked_line(client: Client, currency: str, position: int, line: LineInput) -> StatementLine:
    if not line.description.strip():
        raise DomainError(f"Line {position} has no description.", field="lines")
    if not line.quantity.is_finite() or not ZERO < line.quantity <= MAX_AMOUNT:
        raise DomainError(f"Line {position}: a quantity is more than zero.", field="lines")
    if line.quantity != round(line.quantity, 4):
        raise DomainError(f"Line {position}: a quantity has at most four decimal places.", field="lines")
    if line.engagement is not None and line.engagement.client_id != client.pk:
        raise DomainError(f"Line {position} names another client's engagement.", field="lines")
    try:
        price = exact(line.unit_price, currency)
        amount = exact(round_money(line.quantity * price, currency), currency)
    except (MoneyError, ArithmeticError) as error:
        raise DomainError(f"Line {position}: {error}", field="lines") from None
    return StatementLine(
        position=position,
        description=line.description.strip(),
        quantity=line.quantity,
        unit=line.unit.strip(),
        unit_price=price,
        amount=amount,
        engagement=line.engagement,
    )


def _put_lines(draft: Statement, rows: list[StatementLine]) -> None:
    """Replace the draft's lines."""
    StatementLine.objects.filter(statement=draft).delete()
    for row in rows:
        row.statement = draft
    StatementLine.objects.bulk_create(rows)


def _to_audit_dict(draft: Statement) -> list[str]:
    """Return the lines in the form in which the audit log keeps them."""
    if draft.pk is None:
        return []
    lines = draft.lines.order_by("position")
    return [f"{line.quantity:f} {line.unit} × {line.unit_price:f}: {line.description}" for line in lines]


@transaction.atomic
def delete_draft(*, actor, statement: Statement) -> None:
    """Delete a draft that was never issued; its period can be billed again."""
    policy.require(actor, policy.Permission.DRAFT)
    draft = lock_statement(statement)
    if draft.state != Statement.State.DRAFT:
        raise DomainError(f"{draft} is {draft.get_state_display().lower()}; only a draft can be deleted.")
    audit.record(
        actor,
        "statement.deleted",
        draft,
        {"total": [draft.total, None], "lines": [_to_audit_dict(draft), None]},
    )
    draft.delete()
