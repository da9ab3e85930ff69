"""Reports of what stood open on a day: aging by client, open statements, unapplied credit, certificates."""

from decimal import Decimal

from billing.models import Payment, Settlement, Statement
from billing.reports.aging import BUCKETS, AgingRow, aging, bucket_of, days_late, totals
from billing.reports.tables import Column, Link, ReportQuestion, ReportRow, Table, amounts, number, text

AGING = (*text("Client", "Currency"), *amounts(*BUCKETS, "Credit", "Outstanding"))
BUCKET_KEYS = tuple(Column(name).key for name in BUCKETS)
OPEN = (
    *text("Statement", "Client", "Issued", "Due"), number("Days late"), *text("Bucket", "Currency"),
    *amounts("Total", "Settled", "Outstanding"),
)  # fmt: skip
CREDIT = (
    *text("Payment", "Client", "Paid on", "Method", "Currency"),
    *amounts("Amount", "Applied", "Refunded", "Credit"),
)
WITHHOLDING = (
    *text("Statement", "Client", "Withheld on"), number("Days waiting"), *text("Certificate", "Currency"),
    *amounts("Amount"),
)  # fmt: skip


# --- aging -------------------------------------------------------------------------------------
def aging_table(question: ReportQuestion) -> Table:
    """Return each client's buckets, credit and what it owes in the end, as of the day. Two queries."""
    found = aging(question.as_of, client_id=question.client)
    found = [row for row in found if question.currency in ("", row.currency)]
    sums = [aging_row(row, question, "Total") for row in totals(found)]
    return Table(AGING, [aging_row(row, question, row.client) for row in found], last_rows=sums)


def aging_row(row: AgingRow, question: ReportQuestion, name: str) -> ReportRow:
    """Return a client's row; each bucket opens its statements, the credit its payments."""
    asked = {"as_of": question.as_of.isoformat(), "currency": row.currency}
    if row.client_id:
        asked["client"] = str(row.client_id)
    buckets = dict(zip(BUCKET_KEYS, row.buckets, strict=True))
    links = {
        key: Link("billing:report", ("open",), {**asked, "bucket": place})
        for place, (key, amount) in enumerate(buckets.items())
        if amount
    }
    if row.credit:
        links["credit"] = Link("billing:report", ("credit",), asked)
    if row.client_id:
        span = {"from": question.as_of.replace(day=1).isoformat(), "to": question.as_of.isoformat()}
        about = {"client": row.client_id, "currency": row.currency}
        links["outstanding"] = Link("billing:report", ("ledger",), {**about, **span})
        links["client"] = Link("billing:client_detail", (row.client_id,))
    sums = {"credit": row.credit, "outstanding": row.outstanding}
    return ReportRow({"client": name, "currency": row.currency, **buckets, **sums}, links)


# --- open statements ---------------------------------------------------------------------------
def open_table(question: ReportQuestion) -> Table:
    """Return the statements that owed something at the day's end, those of one bucket if asked. One query."""
    day = question.as_of
    rows = _filter_rows(Statement.objects.open_on(day), question)
    found = [
        _open_row(row, question)
        for row in rows.select_related("client").order_by("due_date", "number")
        if question.bucket in (None, bucket_of(row.due_date, day))
    ]
    return Table(OPEN, found)


def _filter_rows(rows, question: ReportQuestion):
    """Keep the rows of the client and currency that are asked for."""
    if question.client is not None:
        rows = rows.filter(client=question.client)
    return rows.filter(currency=question.currency) if question.currency else rows


def _open_row(row, question: ReportQuestion) -> ReportRow:
    late, bucket = days_late(row.due_date, question.as_of), BUCKETS[bucket_of(row.due_date, question.as_of)]
    cells = {
        "statement": row.number, "client": row.client.name, "issued": row.issue_date, "due": row.due_date,
        "days_late": max(late, 0), "bucket": bucket, "currency": row.currency, "total": row.total,
        "settled": row.settled, "outstanding": row.outstanding,
    }  # fmt: skip
    return ReportRow(cells, _links_of("statement", row.pk, row.client_id))


def _links_of(noun: str, pk: int, client_id: int) -> dict[str, Link]:
    return {
        noun: Link(f"billing:{noun}_detail", (pk,)),
        "client": Link("billing:client_detail", (client_id,)),
    }


# --- credit ------------------------------------------------------------------------------------
def credit_table(question: ReportQuestion) -> Table:
    """Return the payments of which something was neither applied nor refunded at the day's end. One query."""
    day = question.as_of
    rows = _filter_rows(Payment.objects.unapplied_on(day), question)
    found = [_credit_row(row) for row in rows.select_related("client").order_by("paid_on", "pk")]
    return Table(CREDIT, found)


def _credit_row(row) -> ReportRow:
    cells = {
        "payment": row.manual_number, "client": row.client.name, "paid_on": row.paid_on,
        "method": row.get_method_display(), "currency": row.currency, "amount": row.amount,
        "applied": row.applied, "refunded": row.refunded, "credit": row.credit,
    }  # fmt: skip
    return ReportRow(cells, _links_of("payment", row.pk, row.client_id))


# --- certificates ------------------------------------------------------------------------------
def withholding_table(question: ReportQuestion) -> Table:
    """Return tax that clients withheld and whose certificate had not come by the day's end. One query."""
    rows = Settlement.objects.certificate_pending_on(question.as_of).select_related("statement__client")
    rows = rows.order_by("settled_on", "pk")
    if question.client is not None:
        rows = rows.filter(statement__client=question.client)
    found = []
    for row in rows:
        owed, amount = row.statement, Decimal(row.amount)
        waiting = (question.as_of - row.settled_on).days
        cells = {
            "statement": owed.number, "client": owed.client.name, "withheld_on": row.settled_on,
            "days_waiting": waiting, "certificate": row.certificate_number, "currency": owed.currency,
            "amount": amount,
        }  # fmt: skip
        found.append(ReportRow(cells, _links_of("statement", owed.pk, owed.client_id)))
    return Table(WITHHOLDING, found)
