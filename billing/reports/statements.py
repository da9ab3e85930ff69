"""Statements as the office looks at them: the list, its totals, and what one statement says."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from billing.documents import snapshots
from billing.documents.kinds import Source, kind_of
from billing.documents.printable import unprintable_characters
from billing.models import Client, CreditNote, Document, OfficeProfile, Statement
from billing.models.statements import StatementQuerySet
from billing.reports.office import office_profile
from billing.reports.statement_money import DERIVED, filter_by_money
from billing.rules import dates_in_words
from billtracker.core.money import MoneySum, to_display, to_number
from billtracker.core.periods import Month, today
from billtracker.core.text import comparison_key
from billtracker.core.web.exports import Row

COLUMNS = (
    "number", "state", "client", "period", "issue date", "due date", "currency", "total", "issued by",
    "issued at", "void date", "void reason", "replaced by", "sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatementFilters:
    """What the address of the list asks to see; ``state`` is a statement's own, or a derived one."""

    query: str = ""
    state: str = ""
    client: int | None = None
    # A client's name as it is written, or a part of names.
    of: str = ""
    period: Month | None = None
    year: int | None = None


def statements_shown(filters: StatementFilters) -> StatementQuerySet:
    """Return the statements that fit, the newest first; those in review as they wait, the oldest first."""
    in_review = filters.state == Statement.State.IN_REVIEW
    order = ("submitted_at", "pk") if in_review else ("-created_at", "-pk")
    found: StatementQuerySet = Statement.objects.select_related("client").order_by(*order)
    if filters.query:
        by_client = Q(client__name_key__contains=comparison_key(filters.query))
        found = found.filter(Q(number__icontains=filters.query) | by_client)
    if filters.state in DERIVED:
        found = filter_by_money(found, filters.state, today(office_profile().time_zone))
    elif filters.state:
        found = found.filter(state=filters.state)
    if filters.client:
        found = found.filter(client_id=filters.client)
    if filters.of:
        found = found.filter(client__in=_clients_meant(filters.of))
    if filters.period:
        found = found.filter(period_start=filters.period.first_day)
    if filters.year:
        first, after = dt.date(filters.year, 1, 1), dt.date(filters.year + 1, 1, 1)
        found = found.filter(issue_date__gte=first, issue_date__lt=after)
    return found


def _clients_meant(text: str) -> QuerySet[Client]:
    """Return the client of that name or, when there is none, all whose names contain the text."""
    exact = Client.objects.named(text)
    return exact if exact.exists() else clients_like(text)


def clients_like(text: str) -> QuerySet[Client]:
    """Return the clients whose names contain the text, by name."""
    return Client.objects.filter(name_key__contains=comparison_key(text)).order_by("name_key")


def totals_of(statements: StatementQuerySet) -> dict[str, Decimal]:
    """Return the sum per currency without void statements; currencies are never added."""
    live = statements.not_void().order_by("currency")
    return dict(live.values_list("currency").annotate(sum=MoneySum("total")))


def with_register_facts(statements: StatementQuerySet) -> StatementQuerySet:
    """Return the same statements with what the register's columns need."""
    return statements.select_related("client", "issued_by", "replaced_by").prefetch_related("documents")


def register_row(statement: Statement) -> Row:
    """Return the statement's cells by the names of ``COLUMNS``."""
    return _common_row(statement) | {
        "state": statement.state,
        "period": period_of(statement),
        "due date": statement.due_date,
        "total": to_number(statement.total, statement.currency),
        "void date": statement.void_date,
        "void reason": statement.void_reason,
        "replaced by": str(getattr(statement, "replaced_by", None) or ""),
    }


def _note_row(note: CreditNote) -> Row:
    """Return a credit note's cells by the names of ``COLUMNS``; it has no period, and is never void."""
    return _common_row(note) | {"state": "issued", "total": to_number(note.amount, note.currency)}


def numbered_row(source: Source) -> Row:
    """Return the cells of whatever carries a number."""
    return _note_row(source) if isinstance(source, CreditNote) else register_row(source)


def _common_row(source: Source) -> dict[str, object]:
    return {
        "number": str(source),
        "client": client_name(source),
        "issue date": source.issue_date,
        "currency": source.currency,
        "issued by": source.issued_by.get_username() if source.issued_by else "",
        "issued at": source.issued_at.isoformat() if source.issued_at else "",
        "sha256": checksum(source),
    }


def client_name(source: Source) -> str:
    """Return the client's name: from its issue on the one that stands on the document."""
    frozen = (source.snapshot or {}).get("client", {})
    return frozen.get("name") or kind_of(source).client_of(source).name


def period_of(statement: Statement) -> str:
    return dates_in_words.period_words(statement.period_start, statement.period_end)


def checksum(source: Source) -> str:
    """Return the SHA-256 of the original's PDF, empty until it is made; reads prefetched documents."""
    originals = [one.sha256 for one in source.documents.all() if one.kind == Document.Kind.ORIGINAL]
    return originals[0] if originals else ""


# --- one statement -----------------------------------------------------------------------------
def face_of(statement: Statement) -> dict:
    """Return what the statement says: an issued one its snapshot alone, a draft its rows of now."""
    if statement.snapshot is not None:
        return statement.snapshot
    return {
        "language": dates_in_words.LANGUAGE,
        "client": snapshots.of_client(statement.client),
        "statement": _head_of(statement),
        "lines": [snapshots.of_line(line, statement.currency) for line in statement.lines.all()],
    }


def unprintable_of(statement: Statement, office: OfficeProfile) -> list[tuple[str, str]]:
    """Return (field, characters) of what a draft's document could not print; nothing once it is issued."""
    if statement.snapshot is not None:
        return []
    return unprintable_characters({**face_of(statement), "office": snapshots.of_office(office)})


def time_zone_of(statement: Statement, office: OfficeProfile) -> str:
    """Return the time zone of the statement's moments: from its issue on the one that the office had then."""
    return (statement.snapshot or {}).get("office", {}).get("time_zone") or office.time_zone


def _head_of(draft: Statement) -> dict:
    return {
        "kind": draft.kind,
        "period": period_of(draft),
        "issued_on": dates_in_words.day_words(draft.issue_date) if draft.issue_date else "",
        "due_on": dates_in_words.day_words(draft.due_date) if draft.due_date else "",
        "currency": draft.currency,
        "total_shown": to_display(draft.total, draft.currency),
        "notes": snapshots.lines_of(draft.notes),
    }
