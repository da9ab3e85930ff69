"""Months of the books: which are open, locked or closed, what stands in the way of closing one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from billing.models import (
    Allocation,
    BooksCheck,
    CreditNote,
    Document,
    Payment,
    Period,
    Refund,
    Settlement,
    Statement,
)
from billing.reports.months import closed_before
from billing.reports.retainer_cycle import missed_months
from billtracker.core.periods import Month

State = Period.State
NAMED = 10  # rows of a checklist's line that are named
LONGEST = 1_200  # months looked back at most: a slip of the pen is no century of months


# --- months ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month as the list shows it; a month without a row of its own may be closed by a later one."""

    month: Month
    state: str
    period: Period | None


def _dated_events(since: dt.date | None = None) -> Iterator[dt.date]:
    """Yield the first day on which something counted, of each kind of event, from ``since`` on."""
    payments = Payment.objects.posted()
    for rows, *days in (
        (Statement.objects.numbered(), "issue_date", "void_date"),
        (payments, "paid_on", "void_date"),
        (Allocation.objects.all(), "effective_on"),
        (Refund.objects.all(), "refunded_on", "void_date"),
        (Settlement.objects.all(), "settled_on", "void_date"),
        (CreditNote.objects.all(), "issue_date"),
    ):
        for day in days:
            found = rows.filter(**{f"{day}__gte": since}) if since else rows
            if first := found.order_by().aggregate(first=Min(day))["first"]:
                yield first


def first_activity(since: dt.date | None = None) -> Month | None:
    """Return the first month in which something counted, from ``since`` on; None when nothing did."""
    first = min(_dated_events(since), default=None)
    return Month.of(first) if first else None


def next_to_close(today: dt.date) -> Month | None:
    """Return the month that is closed next: the first finished one with activity that is not closed."""
    month = first_activity(closed_before())
    return month if month and month.span.end <= today else None


def months_shown(today: dt.date) -> list[MonthRow]:
    """Return the months from the first activity or lock up to today's, the newest first."""
    periods = {period.starts_on: period for period in Period.objects.select_related("changed_by")}
    shut_until = max((one.ends_before for one in periods.values() if one.state == State.CLOSED), default=None)
    begun = [month.first_day for month in [first_activity()] if month]
    first, month = min([*begun, *periods, today]), Month.of(max([today, *periods]))
    rows: list[MonthRow] = []
    while month.span.end > first and len(rows) < LONGEST:
        rows.append(_row_of(month, periods.get(month.first_day), shut_until))
        month = month.previous
    return rows


def _row_of(month: Month, period: Period | None, shut_until: dt.date | None) -> MonthRow:
    is_closed = shut_until is not None and month.first_day < shut_until
    state = State.CLOSED if is_closed else period.state if period else State.OPEN
    return MonthRow(month, state, period)


def month_row(month: Month) -> MonthRow:
    """Return one month as it stands."""
    period = Period.objects.filter(starts_on=month.first_day).select_related("changed_by").first()
    return _row_of(month, period, closed_before())


# --- before a close ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Named:
    """One of the rows behind a line of the checklist: its words and where it stands."""

    words: str
    page: str
    pk: int


@dataclass(frozen=True, slots=True)
class Point:
    """A line of the checklist: how many rows stand in the way, and the first few of them."""

    code: str
    label: str
    is_blocking: bool
    count: int = 0
    rows: tuple[Named, ...] = ()
    note: str = ""

    @property
    def is_fine(self) -> bool:
        return not self.count


def checklist(month: Month, today: dt.date) -> list[Point]:
    """Return what blocks the close of the month, and what may be skipped with a reason. Writes nothing.

    A constant number of queries, but for retainers: three for each thousand of them.
    """
    last = month.span.last_day
    return [
        drafts(month),
        _unfinished_payments(Payment.State.DRAFT, last),
        _unfinished_payments(Payment.State.POSTED, last),
        _unbilled_retainers(month, today),
        _certificates(last),
        _credits(last),
        _without_pdf(month),
        _books(),
    ]


def blocking(points: list[Point]) -> list[Point]:
    return [point for point in points if point.is_blocking and not point.is_fine]


def warnings(points: list[Point]) -> list[Point]:
    return [point for point in points if not point.is_blocking and not point.is_fine]


def _point(
    code: str, label: str, rows: QuerySet, page: str, words, *, is_blocking: bool = False, key: str = "pk"
) -> Point:
    """Count the rows and name the first few; ``words`` says a row, ``key`` is what its page is found by."""
    named = tuple(Named(words(row), page, getattr(row, key)) for row in rows[:NAMED])
    count = len(named) if len(named) < NAMED else rows.count()
    return Point(code, label, is_blocking, count, named)


def drafts(month: Month) -> Point:
    """Drafts whose period or proposed issue date lies in the month, or before it and after the last close."""
    first, end = closed_before() or dt.date.min, month.span.end
    dated = Q(period_start__gte=first, period_start__lt=end) | Q(issue_date__gte=first, issue_date__lt=end)
    rows = Statement.objects.drafts().filter(dated).select_related("client").order_by("pk")
    label = "Drafts and statements in review"
    return _point("drafts", label, rows, "billing:statement_detail", _client_words, is_blocking=True)


def _client_words(row: Statement) -> str:
    return f"{row}, {row.client}"


def _unfinished_payments(state: str, last: dt.date) -> Point:
    """Payments up to the month's end that nobody posted, or that nobody verified."""
    rows = Payment.objects.filter(state=state, paid_on__lte=last).select_related("client").order_by("paid_on")
    is_draft = state == Payment.State.DRAFT
    code, label = ("unposted", "Payments not posted") if is_draft else ("unverified", "Payments not verified")
    return _point(code, label, rows, "billing:payment_detail", _payment_words, is_blocking=True)


def _payment_words(row: Payment) -> str:
    return f"{row}, {row.client}, {row.paid_on.isoformat()}"


def _unbilled_retainers(month: Month, today: dt.date) -> Point:
    """Retainers whose period began in the month, whose issue date has passed and that nobody billed."""
    found = [one for one in missed_months(today=today, since=month) if month in one.months]
    named = tuple(
        Named(f"{one.client}, {one.title}", "billing:engagement_detail", one.engagement_id)
        for one in found[:NAMED]
    )
    return Point("missed", "Retainers not billed", False, len(found), named)


def _certificates(last: dt.date) -> Point:
    rows = Settlement.objects.certificate_pending_on(last).select_related("statement__client")
    rows, label = rows.order_by("settled_on", "pk"), "Withholding certificates pending"
    return _point("certificates", label, rows, "billing:statement_detail", _of_statement, key="statement_id")


def _of_statement(row: Settlement) -> str:
    return _client_words(row.statement)


def _credits(last: dt.date) -> Point:
    paid = Payment.objects.unapplied_on(last)
    rows = paid.select_related("client").order_by("paid_on", "pk")
    return _point("credit", "Payments with unapplied credit", rows, "billing:payment_detail", _payment_words)


def _without_pdf(month: Month) -> Point:
    made = Document.objects.filter(statement=OuterRef("pk"), kind=Document.Kind.ORIGINAL)
    issued = Statement.objects.numbered().filter(issue_date__gte=month.first_day)
    rows = issued.filter(~Exists(made), issue_date__lt=month.span.end).select_related("client")
    return _point(
        "pdf", "Issued without a PDF", rows.order_by("number"), "billing:statement_detail", _client_words
    )


def _books() -> Point:
    """The daily check of numbers, balances and audit chain: whether it found them whole, and not long ago."""
    check = BooksCheck.objects.first()
    if check is None:
        return Point("books", "Books check", False, 1, note="It did not run yet.")
    faults = [f"The audit log is broken at entry {check.broken_position}."] if not check.chain_holds else []
    faults += check.gaps + check.balance_faults
    if check.is_late:
        faults.append(f"It last ran on {check.checked_at:%Y-%m-%d}.")
    return Point("books", "Books check", False, len(faults), note=" ".join(faults))
