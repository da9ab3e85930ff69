"""The collections register: money that came in, by day and method, with each manual number."""

from billing.models import Payment
from billing.reports.tables import Link, Question, Row, Table, columns, totals_of

COLUMNS = columns("Day", "Manual number", "Client", "Method", "Reference", "Event", "Currency", "Amount#")
METHODS = dict(Payment.Method.choices)
CAUSES = dict(Payment.Cause.choices)
FACTS = ("pk", "client_id", "manual_number", "client__name", "method", "reference", "currency", "amount")


def collections_table(question: Question) -> Table:
    """Return what came in on the days of the span, and payments voided in it with a minus. Two queries.

    A payment that is voided later stays where it was, so that a past span gives what it gave then.
    """
    rows = Payment.objects.exclude(state=Payment.State.DRAFT)
    if question.method:
        rows = rows.filter(method=question.method)
    if question.client is not None:
        rows = rows.filter(client=question.client)
    if question.currency:
        rows = rows.filter(currency=question.currency)
    span = (question.first, question.last)
    came = rows.filter(paid_on__range=span).order_by().values_list("paid_on", *FACTS)
    voided = rows.filter(void_date__range=span).order_by().values_list("void_date", *FACTS, "void_cause")
    events = [(row[0], METHODS[row[5]], 0, *row[1:], "") for row in came]
    events += [(row[0], METHODS[row[5]], 1, *row[1:]) for row in voided]
    found = [row_of(event) for event in sorted(events, key=lambda event: (*event[:4], ""))]
    return Table(COLUMNS, found, [*method_totals(found), *totals_of(found, len(COLUMNS), (7,), 6)])


def row_of(event: tuple) -> Row:
    day, method, is_void, pk, client_id, number, client, _method, reference, currency, amount, cause = event
    words = f"Void: {CAUSES[cause]}" if is_void else "Received"
    cells = (day, number, client, method, reference, words, currency, -amount if is_void else amount)
    links = {1: Link("payment_detail", (pk,)), 2: Link("client_detail", (client_id,))}
    return Row(cells, currency, links, bool(is_void))


def method_totals(rows: list[Row]) -> list[Row]:
    """Return a row for each method and currency with its sum."""
    found = []
    for method in sorted({str(row.cells[3]) for row in rows}):
        of_method = [row for row in rows if row.cells[3] == method]
        for total in totals_of(of_method, len(COLUMNS), (7,), 6):
            found.append(Row((*total.cells[:3], method, *total.cells[4:]), total.currency))
    return found
