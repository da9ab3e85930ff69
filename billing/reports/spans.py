"""Reports over a span or a month: the register of statements, a client's ledger, retainer coverage."""

import datetime as dt

from billing.models import Client, Counter, CycleLine, Statement
from billing.reports.aging import aging
from billing.reports.cycle import found_in
from billing.reports.ledger import currencies_of, ledger
from billing.reports.register import check_counter
from billing.reports.tables import Cell, Link, Question, Row, Table, columns, totals_of

REGISTER = columns("Number", "Client", "Issued", "Due", "State", "Void on", "Reason", "Replaced by",
                   "Currency", "Total#", "Counts#")  # fmt: skip
LEDGER = columns("Day", "What", "Document", "Currency", "Charged#", "Settled#", "Balance#")
CLIENTS = columns("Client", "Currency", "Outstanding#", "Unapplied credit#", "Balance#")
COVERAGE = columns("Client", "Engagement", "Outcome", "Why", "Currency", "Amount#")
KINDS = {
    "statement": "Statement", "statement_void": "Statement void", "payment": "Payment",
    "payment_void": "Payment void", "refund": "Refund", "refund_void": "Refund void",
    "settlement": "Settled other than cash", "settlement_void": "Settlement void",
    "credit_note": "Credit note", "transfer": "Applied across the payer group",
}  # fmt: skip
PAGES = {"statement": "statement_detail", "payment": "payment_detail", "credit_note": "credit_note_detail"}
OUTCOMES = {CycleLine.Outcome.CREATED.value: "To be made"}


# --- register ----------------------------------------------------------------------------------
def register_table(question: Question) -> Table:
    """Return the statements issued in the span by number; one voided by its last day does not count.

    The notes say of each year's numbers whether one is missing.
    """
    rows = Statement.objects.numbered().filter(issue_date__range=(question.first, question.last))
    rows = rows.select_related("client", "replaced_by").order_by("sequence_year", "sequence_number")
    found = [register_row(row, question.last) for row in rows]
    totals = totals_of(found, len(REGISTER), (9, 10), 8)
    return Table(REGISTER, found, totals, gaps(question))


def register_row(row: Statement, day: dt.date) -> Row:
    is_void = row.void_date is not None and row.void_date <= day
    other = getattr(row, "replaced_by", None)
    voided: tuple[Cell, ...] = (row.void_date, row.void_reason, str(other or "")) if is_void else ("", "", "")
    cells = (
        row.number, row.client.name, row.issue_date, row.due_date, "Void" if is_void else "Issued", *voided,
        row.currency, row.total, row.total - row.total if is_void else row.total,
    )  # fmt: skip
    links = {0: Link("statement_detail", (row.pk,)), 1: Link("client_detail", (row.client_id,))}
    return Row(cells, row.currency, links, is_void)


def gaps(question: Question) -> tuple[str, ...]:
    """Return what the check of each counter of the span's years says, ``SOA 2026: 1 to 417, no gap``."""
    years = [0, *range(question.first.year, question.last.year + 1)]
    counters = Counter.objects.select_related("sequence").filter(sequence__code="SOA", year__in=years)
    return tuple(f"{check_counter(counter).sentence}." for counter in counters.order_by("year"))


# --- ledger ------------------------------------------------------------------------------------
def ledger_table(question: Question) -> Table:
    """Return a client's movements between the days with the balance after each; without a client, all
    clients with what they owe as of the last day."""
    client = Client.objects.filter(pk=question.client).first() if question.client else None
    if client is None:
        return balances_table(question)
    currency = question.currency or currencies_of(client)[0]
    found = ledger(client, currency, question.first, question.last)
    opening = (question.first, "Opening balance", "", currency, None, None, found.opening)
    rows = [Row(opening, currency)]
    for entry in found.entries:
        move = entry.movement
        cells = (
            move.day, KINDS[move.kind], move.words, currency, move.amount if move.amount > 0 else None,
            -move.amount if move.amount < 0 else None, entry.balance,
        )  # fmt: skip
        page = PAGES.get(move.kind.removesuffix("_void"))
        rows.append(Row(cells, currency, {2: Link(page, (move.pk,))} if page else {}))
    closing = Row((question.last, "Closing balance", "", currency, None, None, found.closing), currency)
    return Table(LEDGER, rows, [closing], (f"{client.name}, {currency}.",))


def balances_table(question: Question) -> Table:
    span = {"from": question.first.isoformat(), "to": question.last.isoformat()}
    rows = [
        Row((row.client, row.currency, row.owed, row.credit, row.outstanding), row.currency,
            {0: Link("report", ("ledger",), {"client": row.client_id, "currency": row.currency, **span})})
        for row in aging(question.last)
    ]  # fmt: skip
    return Table(CLIENTS, rows, totals_of(rows, len(CLIENTS), (2, 3, 4), 1))


# --- coverage ----------------------------------------------------------------------------------
def coverage_table(question: Question) -> Table:
    """Return the retainers that no statement bills for the month, and why."""
    found = list(found_in(question.month))
    missing = [one for one in found if one.outcome != CycleLine.Outcome.EXISTS]
    rows = [
        Row((one.client, one.title, OUTCOMES.get(one.outcome, str(one.outcome).capitalize()), one.reason,
             one.currency, one.planned.amount if one.planned else None), one.currency,
            {1: Link("engagement_detail", (one.engagement_id,))})
        for one in sorted(missing, key=lambda one: (one.client.casefold(), one.title, one.engagement_id))
    ]  # fmt: skip
    billed, month = len(found) - len(missing), f"{question.month.first_day:%B %Y}"
    note = f"Billed for {month}: {billed}; not billed: {len(missing)}."
    sums = [one for one in totals_of(rows, len(COVERAGE), (5,), 4) if one.cells[5]]
    return Table(COVERAGE, rows, sums, (note,))
