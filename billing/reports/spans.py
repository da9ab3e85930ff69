"""Reports over a span or a month: the register of statements, a client's ledger, retainer coverage."""

import datetime as dt
from decimal import Decimal

from billing.documents.kinds import KINDS, STATEMENT
from billing.models import Client, Counter, CycleLine, Statement
from billing.reports.aging import aging
from billing.reports.ledger import LedgerEntry, currencies_of, ledger
from billing.reports.register import check_counter
from billing.reports.retainer_cycle import found_in
from billing.reports.tables import Cell, Link, ReportQuestion, ReportRow, Table, amounts, text
from billtracker.core.money import ZERO

REGISTER = (
    *text("Number", "Client", "Issued", "Due", "State", "Void on", "Reason", "Replaced by", "Currency"),
    *amounts("Total", "Counts"),
)
LEDGER = (*text("Day", "What", "Document", "Currency"), *amounts("Charged", "Settled", "Balance"))
CLIENTS = (*text("Client", "Currency"), *amounts("Outstanding", "Unapplied credit", "Balance"))
COVERAGE = (*text("Client", "Engagement", "Outcome", "Why", "Currency"), *amounts("Amount"))
MOVEMENTS = {
    **{kind.noun: kind.label for kind in KINDS},
    **{f"{kind.noun}_void": f"{kind.label} void" for kind in KINDS},
    "payment": "Payment", "payment_void": "Payment void", "refund": "Refund", "refund_void": "Refund void",
    "settlement": "Settled other than cash", "settlement_void": "Settlement void",
    "transfer": "Applied across the payer group",
}  # fmt: skip
PAGES = {kind.noun: kind.page for kind in KINDS} | {"payment": "billing:payment_detail"}
OUTCOMES = {CycleLine.Outcome.CREATED.value: "To be made"}


# --- register ----------------------------------------------------------------------------------
def register_table(question: ReportQuestion) -> Table:
    """Return the statements issued in the span by number; one voided by its last day does not count.

    The notes say of each year's numbers whether one is missing.
    """
    rows = Statement.objects.numbered().filter(issue_date__range=(question.first, question.last))
    rows = rows.select_related("client", "replaced_by").order_by("sequence_year", "sequence_number")
    found = [_register_row(row, question.last) for row in rows]
    return Table(REGISTER, found, _gaps(question))


def _register_row(row: Statement, day: dt.date) -> ReportRow:
    is_void = row.void_date is not None and row.void_date <= day
    other = getattr(row, "replaced_by", None)
    cells: dict[str, Cell] = {
        "number": row.number, "client": row.client.name, "issued": row.issue_date, "due": row.due_date,
        "state": "Issued", "currency": row.currency, "total": row.total, "counts": row.total,
    }  # fmt: skip
    if is_void:
        cells |= {"state": "Void", "void_on": row.void_date, "reason": row.void_reason, "counts": ZERO,
                  "replaced_by": str(other or "")}  # fmt: skip
    links = {
        "number": Link("billing:statement_detail", (row.pk,)),
        "client": Link("billing:client_detail", (row.client_id,)),
    }
    return ReportRow(cells, links, is_void)


def _gaps(question: ReportQuestion) -> tuple[str, ...]:
    """Return what the check of each counter of the span's years says, ``SOA 2026: 1 to 417, no gap``."""
    years = [0, *range(question.first.year, question.last.year + 1)]
    counters = Counter.objects.select_related("sequence").filter(
        sequence__code=STATEMENT.sequence, year__in=years
    )
    return tuple(f"{check_counter(counter).sentence}." for counter in counters.order_by("year"))


# --- ledger ------------------------------------------------------------------------------------
def ledger_table(question: ReportQuestion) -> Table:
    """Return a client's movements between the days with the balance after each; without a client, all
    clients with what they owe as of the last day."""
    client = Client.objects.filter(pk=question.client).first() if question.client else None
    if client is None:
        return _balances_table(question)
    currency = question.currency or currencies_of(client)[0]
    found = ledger(client, currency, question.first, question.last)
    opening = _balance_row(question.first, "Opening balance", currency, found.opening)
    closing = _balance_row(question.last, "Closing balance", currency, found.closing)
    rows = [opening, *(_entry_row(entry, currency) for entry in found.entries)]
    return Table(LEDGER, rows, (f"{client.name}, {currency}.",), last_rows=[closing])


def _balance_row(day: dt.date, words: str, currency: str, balance: Decimal) -> ReportRow:
    blank = {"charged": None, "settled": None}
    return ReportRow({"day": day, "what": words, "currency": currency, **blank, "balance": balance})


def _entry_row(entry: LedgerEntry, currency: str) -> ReportRow:
    move = entry.movement
    cells: dict[str, Cell] = {
        "day": move.day, "what": MOVEMENTS[move.kind], "document": move.words, "currency": currency,
        "charged": move.amount if move.amount > 0 else None,
        "settled": -move.amount if move.amount < 0 else None, "balance": entry.balance,
    }  # fmt: skip
    page = PAGES.get(move.kind.removesuffix("_void"))
    return ReportRow(cells, {"document": Link(page, (move.pk,))} if page else {})


def _balances_table(question: ReportQuestion) -> Table:
    span = {"from": question.first.isoformat(), "to": question.last.isoformat()}
    rows = [
        ReportRow(
            {
                "client": row.client,
                "currency": row.currency,
                "outstanding": row.owed,
                "unapplied_credit": row.credit,
                "balance": row.outstanding,
            },
            {
                "client": Link(
                    "billing:report", ("ledger",), {"client": row.client_id, "currency": row.currency, **span}
                )
            },
        )
        for row in aging(question.last)
    ]
    return Table(CLIENTS, rows)


# --- coverage ----------------------------------------------------------------------------------
def coverage_table(question: ReportQuestion) -> Table:
    """Return the retainers that no statement bills for the month, and why."""
    found = list(found_in(question.month))
    missing = [one for one in found if one.outcome != CycleLine.Outcome.EXISTS]
    rows = [
        ReportRow(
            {
                "client": one.client,
                "engagement": one.title,
                "outcome": OUTCOMES.get(one.outcome, str(one.outcome).capitalize()),
                "why": one.reason,
                "currency": one.currency,
                "amount": one.planned.amount if one.planned else None,
            },
            {"engagement": Link("billing:engagement_detail", (one.engagement_id,))},
        )
        for one in sorted(missing, key=lambda one: (one.client.casefold(), one.title, one.engagement_id))
    ]
    billed, month = len(found) - len(missing), f"{question.month.first_day:%B %Y}"
    note = f"Billed for {month}: {billed}; not billed: {len(missing)}."
    return Table(COVERAGE, rows, (note,))
