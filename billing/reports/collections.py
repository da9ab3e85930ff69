"""The collections register: money that came in, by day and method, with each manual number."""

from django.db.models import F

from billing.models import Payment
from billing.reports.tables import Link, ReportQuestion, ReportRow, Table, amounts, text

COLUMNS = (
    *text("Day", "Manual number", "Client", "Method", "Reference", "Event", "Currency"), *amounts("Amount"),
)  # fmt: skip
METHODS = dict(Payment.Method.choices)
CAUSES = dict(Payment.Cause.choices)
FACTS = ("pk", "client_id", "manual_number", "client__name", "method", "reference", "currency", "amount")


def collections_table(question: ReportQuestion) -> Table:
    """Return what came in on the days of the span, and payments voided in it with a minus. Two queries.

    A payment that is voided later stays where it was, so that a past span gives what it gave then.
    """
    rows = Payment.objects.posted()
    if question.method:
        rows = rows.filter(method=question.method)
    if question.client is not None:
        rows = rows.filter(client=question.client)
    if question.currency:
        rows = rows.filter(currency=question.currency)
    span = (question.first, question.last)
    received = rows.filter(paid_on__range=span).order_by().values(*FACTS, day=F("paid_on"))
    voided = rows.filter(void_date__range=span).order_by().values(*FACTS, "void_cause", day=F("void_date"))
    events = sorted([*received, *voided], key=_in_order)
    return Table(COLUMNS, [_row_of(event) for event in events], subtotals_by="method")


def _in_order(event: dict) -> tuple:
    return event["day"], METHODS[event["method"]], "void_cause" in event, event["pk"]


def _row_of(event: dict) -> ReportRow:
    is_void = "void_cause" in event
    cells = {
        "day": event["day"], "manual_number": event["manual_number"], "client": event["client__name"],
        "method": METHODS[event["method"]], "reference": event["reference"],
        "event": f"Void: {CAUSES[event['void_cause']]}" if is_void else "Received",
        "currency": event["currency"], "amount": -event["amount"] if is_void else event["amount"],
    }  # fmt: skip
    links = {
        "manual_number": Link("billing:payment_detail", (event["pk"],)),
        "client": Link("billing:client_detail", (event["client_id"],)),
    }
    return ReportRow(cells, links, is_void)
