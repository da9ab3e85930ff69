"""Reports of what stood open on a day: aging by client, open statements, unapplied credit, certificates."""

from decimal import Decimal

from billing.models import Payment, Statement
from billing.reports.aging import BUCKETS, AgingRow, aging, bucket_of, days_late, totals
from billing.reports.balances import with_balance, with_credit
from billing.reports.periods import pending_certificates
from billing.reports.tables import Link, Question, Row, Table, columns, totals_of
from billtracker.core.money import ZERO

AGING = columns("Client", "Currency", *(f"{name}#" for name in BUCKETS), "Credit#", "Outstanding#")
OPEN = columns("Statement", "Client", "Issued", "Due", "Days late#", "Bucket", "Currency", "Total#",
               "Settled#", "Outstanding#")  # fmt: skip
CREDIT = columns("Payment", "Client", "Paid on", "Method", "Currency", "Amount#", "Applied#", "Refunded#",
                 "Credit#")  # fmt: skip
WITHHOLDING = columns("Statement", "Client", "Withheld on", "Days waiting#", "Certificate", "Currency",
                      "Amount#")  # fmt: skip
FIRST_BUCKET = 2  # its place among the columns of AGING


# --- aging -------------------------------------------------------------------------------------
def aging_table(question: Question) -> Table:
    """Return each client's buckets, credit and what it owes in the end, as of the day. Two queries."""
    found = aging(question.as_of, client_id=question.client)
    found = [row for row in found if question.currency in ("", row.currency)]
    sums = [aging_row(row, question, "Total") for row in totals(found)]
    return Table(AGING, [aging_row(row, question, row.client) for row in found], sums)


def aging_row(row: AgingRow, question: Question, name: str) -> Row:
    """Return a client's row; each bucket opens its statements, the credit its payments."""
    asked = {"as_of": question.as_of.isoformat(), "currency": row.currency}
    if row.client_id:
        asked["client"] = str(row.client_id)
    links = {
        FIRST_BUCKET + place: Link("report", ("open",), {**asked, "bucket": place})
        for place, amount in enumerate(row.buckets)
        if amount
    }
    after = FIRST_BUCKET + len(BUCKETS)
    if row.credit:
        links[after] = Link("report", ("credit",), asked)
    if row.client_id:
        span = {"from": question.as_of.replace(day=1).isoformat(), "to": question.as_of.isoformat()}
        about = {"client": row.client_id, "currency": row.currency}
        links[after + 1] = Link("report", ("ledger",), {**about, **span})
        links[0] = Link("client_detail", (row.client_id,))
    return Row((name, row.currency, *row.buckets, row.credit, row.outstanding), row.currency, links)


# --- open statements ---------------------------------------------------------------------------
def open_table(question: Question) -> Table:
    """Return the statements that owed something at the day's end, those of one bucket if asked. One query."""
    day = question.as_of
    rows = narrowed(with_balance(Statement.objects.owed_on(day), day).exclude(outstanding=ZERO), question)
    found = [
        open_row(row, question) for row in rows.select_related("client").order_by("due_date", "number")
        if question.bucket in (None, bucket_of(row.due_date, day))
    ]  # fmt: skip
    return Table(OPEN, found, totals_of(found, len(OPEN), (7, 8, 9), 6))


def narrowed(rows, question: Question):
    """Keep the rows of the client and currency that are asked for."""
    if question.client is not None:
        rows = rows.filter(client=question.client)
    return rows.filter(currency=question.currency) if question.currency else rows


def open_row(row, question: Question) -> Row:
    late, bucket = days_late(row.due_date, question.as_of), BUCKETS[bucket_of(row.due_date, question.as_of)]
    cells = (
        row.number, row.client.name, row.issue_date, row.due_date, max(late, 0), bucket, row.currency,
        row.total, row.settled, row.outstanding,
    )  # fmt: skip
    links = {0: Link("statement_detail", (row.pk,)), 1: Link("client_detail", (row.client_id,))}
    return Row(cells, row.currency, links)


# --- credit ------------------------------------------------------------------------------------
def credit_table(question: Question) -> Table:
    """Return the payments of which something was neither applied nor refunded at the day's end. One query."""
    day = question.as_of
    rows = narrowed(with_credit(Payment.objects.received_by(day), day).exclude(credit=ZERO), question)
    found = [credit_row(row) for row in rows.select_related("client").order_by("paid_on", "pk")]
    return Table(CREDIT, found, totals_of(found, len(CREDIT), (5, 6, 7, 8), 4))


def credit_row(row) -> Row:
    cells = (
        row.manual_number, row.client.name, row.paid_on, row.get_method_display(), row.currency, row.amount,
        row.applied, row.refunded, row.credit,
    )  # fmt: skip
    links = {0: Link("payment_detail", (row.pk,)), 1: Link("client_detail", (row.client_id,))}
    return Row(cells, row.currency, links)


# --- certificates ------------------------------------------------------------------------------
def withholding_table(question: Question) -> Table:
    """Return tax that clients withheld and whose certificate had not come by the day's end. One query."""
    rows = pending_certificates(question.as_of).order_by("settled_on", "pk")
    if question.client is not None:
        rows = rows.filter(statement__client=question.client)
    found = []
    for row in rows:
        owed, amount = row.statement, Decimal(row.amount)
        waiting = (question.as_of - row.settled_on).days
        cells = (
            owed.number, owed.client.name, row.settled_on, waiting, row.certificate_number, owed.currency,
            amount,
        )  # fmt: skip
        links = {0: Link("statement_detail", (owed.pk,)), 1: Link("client_detail", (owed.client_id,))}
        found.append(Row(cells, owed.currency, links))
    return Table(WITHHOLDING, found, totals_of(found, len(WITHHOLDING), (6,), 5))
