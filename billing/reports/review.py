"""The reviewers' queue, and how each draft differs from the statement before it."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence as Many

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.documents.differences import (
    ComparedLine,
    ComparedStatement,
    DocumentDifference,
    differences,
    without_period,
)
from billing.models import Payment, Sequence, Statement
from billing.reports.statements import period_of
from billtracker.core.models import AuditEntry

SHOWN = 100


def queue() -> QuerySet[Statement]:
    """Return the submitted drafts, the oldest first, each with the names that the desk shows."""
    return Statement.objects.waiting_for_review().select_related("client", "engagement", "submitted_by")


def version_of(draft: Statement) -> str:
    """Return a mark of what is shown of the draft; once that differs, so does the mark.

    A form carries it back, so that nobody issues what was changed after they looked. Asks for the
    lines, unless they are prefetched.
    """
    client = draft.client
    seen = [
        draft.pk, draft.submitted_at, draft.issue_date, draft.due_date, draft.currency, draft.total,
        draft.notes, client.name, client.address, client.tax_number, client.terms_days,
        [[line.description, line.quantity, line.unit, line.amount] for line in draft.lines.all()],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:16]


def statement_before(draft: Statement) -> Statement | None:
    """Return the last statement of the same engagement for an earlier period that is not void."""
    if draft.engagement_id is None:
        return None
    same = Statement.objects.filter(engagement_id=draft.engagement_id, period_start__lt=draft.period_start)
    live = same.not_void().select_related("engagement", "client")
    return live.order_by("-period_start", "-pk").first()


def differences_of(draft: Statement, before: Statement | None) -> list[DocumentDifference]:
    """Return what a reviewer has to look at; empty when it says the same as the one before."""
    if draft.engagement_id is None:
        return [DocumentDifference("A special statement: read its lines, there is none to compare it with")]
    return differences(_said_by(before) if before else None, _said_by(draft))


def _said_by(statement: Statement) -> ComparedStatement:
    return ComparedStatement(
        currency=statement.currency,
        lines=tuple(
            ComparedLine(
                without_period(line.description, statement.period_start, statement.period_end),
                line.quantity,
                line.unit_price,
            )
            for line in statement.lines.all()
        ),
        terms_days=_terms_of(statement.issue_date, statement.due_date),
        notes=statement.notes,
        is_partial=_is_partial(statement),
    )


def _terms_of(issue_date: dt.date | None, due_date: dt.date | None) -> int | None:
    return (due_date - issue_date).days if issue_date and due_date else None


def _is_partial(statement: Statement) -> bool:
    """Say whether the engagement begins or ends within the period."""
    engagement, start, end = statement.engagement, statement.period_start, statement.period_end
    if engagement is None or start is None or end is None:
        return False
    ends_within = engagement.ends_on is not None and engagement.ends_on < end - dt.timedelta(days=1)
    return engagement.starts_on > start or ends_within


# --- dates -------------------------------------------------------------------------------------
def proposed_day(draft: Statement, today: dt.date) -> dt.date:
    """Return the issue date that is proposed: the draft's own, or today where that has passed.

    Issued by a day that has passed, a statement could be overdue at its issue.
    """
    return max(draft.issue_date or today, today)


def passed_words(draft: Statement, today: dt.date) -> str:
    """Say that the draft's own day has passed, nothing else."""
    if draft.issue_date is None or draft.issue_date >= today:
        return ""
    words = _("The proposed issue date, %(day)s, has passed: %(today)s is proposed instead.")
    return words % {"day": draft.issue_date.isoformat(), "today": today.isoformat()}


def latest_of(sequence: Sequence, year: int) -> Statement | None:
    """Return the statement of the latest issue date among a counter's. One query."""
    same = Statement.objects.numbered().filter(sequence=sequence, sequence_year=year)
    return same.defer("snapshot").order_by("-issue_date", "-sequence_number").first()


def order_words(latest: Statement | None, day: dt.date) -> str:
    """Say that numbers and dates would run against each other, if a later day is numbered already."""
    if latest is None or latest.issue_date is None or latest.issue_date <= day:
        return ""
    facts = {"number": latest, "later": latest.issue_date.isoformat(), "day": day.isoformat()}
    words = _("%(number)s is dated %(later)s: this one, of %(day)s, gets a later number and an earlier date.")
    return words % facts


def date_warnings(draft: Statement, sequence: Sequence, today: dt.date) -> list[str]:
    """Say what has to be known about the day on which the draft is issued unless another is given."""
    day = proposed_day(draft, today)
    words = passed_words(draft, today), order_words(latest_of(sequence, sequence.year_of(day)), day)
    return [sentence for sentence in words if sentence]


# --- the two-person rule -----------------------------------------------------------------------
# What people do to an item before it is issued or verified, and where it says who did so last.
HANDS: dict[type[Statement | Payment], tuple[tuple[str, ...], tuple[str, ...]]] = {
    Statement: (("created_by_id", "submitted_by_id"), ("drafted", "reissued", "edited", "submitted")),
    Payment: (("recorded_by_id", "posted_by_id"), ("recorded", "edited", "posted")),
}


def contributors_of(rows: Many[Statement | Payment]) -> dict[int, set[int]]:
    """Return for each item the keys of those who wrote, edited, submitted, recorded or posted it. One query.

    Editors, and who submitted a draft that was returned since, stand in the audit log alone.
    """
    if not rows:
        return {}
    model = type(rows[0])
    columns, verbs = HANDS[model]
    found = {row.pk: {key for name in columns if (key := getattr(row, name))} for row in rows}
    noun = model._meta.model_name
    entries = AuditEntry.objects.filter(
        target_type=model._meta.label_lower,
        target_id__in=[str(row.pk) for row in rows],
        action__in=[f"{noun}.{verb}" for verb in verbs],
        actor_id__isnull=False,
    )
    for key, actor in entries.order_by().values_list("target_id", "actor_id").distinct():
        found[int(key)].add(actor)
    return found


def row_of(statement: Statement) -> dict:
    """Return what the queue shows of a draft."""
    return {"statement": statement, "period": period_of(statement)}
