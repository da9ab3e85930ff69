"""What the month-close archive holds: each table as of the month's end, in one order.

Only what was dated up to the month's last day, and the audit log up to the close: made again later,
a closed month gives the same.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator

from django.db.models import OuterRef, Q

from billing.close_pack import Part, as_csv, as_json
from billing.models import Allocation, CreditNote, Document, Payment, Period, Refund, Settlement, Statement
from billing.reports import audit as audit_reports
from billing.reports.aging import BUCKETS, aging, bucket_of, days_late
from billing.reports.balances import with_balance, with_credit
from billing.reports.office import office_profile
from billtracker.core.audit import OFFICE
from billtracker.core.models import AuditEntry
from billtracker.core.money import ZERO, exact
from billtracker.core.periods import Month

CHUNK = 2_000
README = """The books of {month}, closed.

register.csv       every number issued in the month
statements.csv     statements issued or voided in the month, or owing at its end
payments.csv       payments received or voided in the month, or with credit at its end
allocations.csv    what was applied in the month; a negative amount takes one back
settlements.csv    tax withheld, bank charges, rounding and write-offs of the month
credit-notes.csv   credit notes issued in the month
refunds.csv        credit that went back in the month
aging.csv          what each client owed at the month's end, by how late it was
balances.csv       each client's balance at the beginning and at the end
audit.csv          the audit log from the month's first day up to the close
control-totals.json the totals kept at the close
SHA256SUMS         check the files with: sha256sum --check SHA256SUMS

Amounts are in the currency beside them; currencies are never added. States are as of the month's end.
"""


def parts_of(period: Period) -> Iterator[Part]:
    """Yield the files of a closed month's archive, without their checksums."""
    month, closing = period.month, period.closing or {}
    yield "README.txt", [README.format(month=month)]
    yield as_json("control-totals", {"month": str(month), **closing})
    yield as_csv("register", *register(month))
    yield as_csv("statements", *statements(month))
    yield as_csv("payments", *payments(month))
    yield as_csv("allocations", *allocations(month))
    yield as_csv("settlements", *settlements(month))
    yield as_csv("credit-notes", *credit_notes(month))
    yield as_csv("refunds", *refunds(month))
    yield as_csv("aging", *aging_rows(month))
    yield as_csv("balances", *balances(month))
    yield as_csv("audit", audit_reports.COLUMNS, audit_rows(month, closing["audit"]["position"]))


Rows = tuple[tuple[str, ...], Iterable[tuple]]


def in_month(day: str, month: Month) -> Q:
    return Q(**{f"{day}__gte": month.first_day, f"{day}__lt": month.span.end})


def by_end(day: dt.date | None, month: Month) -> dt.date | None:
    """Return a day up to the month's end; a later one is not known yet."""
    return day if day and day < month.span.end else None


# --- documents ---------------------------------------------------------------------------------
def register(month: Month) -> Rows:
    header = ("number", "client", "issued on", "due on", "state", "void on", "void reason", "currency",
              "total", "sha256 of the PDF")  # fmt: skip
    made = Document.objects.filter(statement=OuterRef("pk"), kind=Document.Kind.ORIGINAL)
    rows = (
        Statement.objects.numbered()
        .filter(in_month("issue_date", month))
        .annotate(digest=made.values("sha256")[:1])
    )
    rows = rows.select_related("client").defer("snapshot").order_by("sequence_year", "sequence_number")

    def cells(row) -> tuple:
        void = by_end(row.void_date, month)
        return (row.number, row.client.name, row.issue_date, row.due_date, "void" if void else "issued", void,
                row.void_reason if void else "", row.currency, exact(row.total, row.currency),
                row.digest)  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


def statements(month: Month) -> Rows:
    header = ("number", "client", "issued on", "due on", "void on", "currency", "total", "settled",
              "outstanding", "days late", "bucket")  # fmt: skip
    last = month.span.last_day
    numbered = Statement.objects.numbered().filter(issue_date__lte=last)
    counted = Q(void_date=None) | Q(void_date__gt=last)
    moved = in_month("issue_date", month) | in_month("void_date", month)
    rows = with_balance(numbered, last).filter(moved | (counted & ~Q(outstanding=ZERO)))
    rows = rows.select_related("client").defer("snapshot").order_by("number")

    def cells(row) -> tuple:
        void, code = by_end(row.void_date, month), row.currency
        left = ZERO if void else row.outstanding
        late = max(days_late(row.due_date, last), 0) if left else ""
        bucket = BUCKETS[bucket_of(row.due_date, last)] if left else ""
        return (row.number, row.client.name, row.issue_date, row.due_date, void, code,
                exact(row.total, code), exact(row.settled, code), exact(left, code), late,
                bucket)  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


def credit_notes(month: Month) -> Rows:
    header = ("number", "statement", "client", "issued on", "currency", "amount", "reason")
    rows = CreditNote.objects.filter(in_month("issue_date", month)).select_related("statement__client")

    def cells(row) -> tuple:
        return (row.number, row.statement.number, row.statement.client.name, row.issue_date, row.currency,
                exact(row.amount, row.currency), row.reason)  # fmt: skip

    return header, map(cells, rows.defer("snapshot", "statement__snapshot").order_by("number"))


# --- money -------------------------------------------------------------------------------------
def payments(month: Month) -> Rows:
    header = ("payment", "manual number", "client", "paid on", "method", "reference", "void on", "cause",
              "currency", "amount", "applied", "refunded", "credit")  # fmt: skip
    last = month.span.last_day
    paid = Payment.objects.exclude(state=Payment.State.DRAFT).filter(paid_on__lte=last)
    counted = Q(void_date=None) | Q(void_date__gt=last)
    moved = in_month("paid_on", month) | in_month("void_date", month)
    rows = with_credit(paid, last).filter(moved | (counted & ~Q(credit=ZERO)))

    def cells(row) -> tuple:
        void, code = by_end(row.void_date, month), row.currency
        sums = (row.amount, row.applied, row.refunded, ZERO if void else row.credit)
        return (row.pk, row.manual_number, row.client.name, row.paid_on, row.method, row.reference, void,
                row.void_cause if void else "", code, *(exact(one, code) for one in sums))  # fmt: skip

    return header, map(cells, rows.select_related("client").order_by("paid_on", "pk").iterator(CHUNK))


def allocations(month: Month) -> Rows:
    header = ("allocation", "day", "statement", "kind", "source", "reverses", "currency", "amount", "reason")
    rows = Allocation.objects.filter(in_month("effective_on", month)).select_related(
        "statement", "payment", "settlement", "credit_note"
    )

    def cells(row) -> tuple:
        kind = row.settlement.kind if row.settlement else "credit_note" if row.credit_note else "payment"
        source = row.payment.manual_number if row.payment else row.credit_note or row.settlement_id
        code = row.statement.currency
        return (row.pk, row.effective_on, row.statement.number, kind, str(source), row.reverses_id, code,
                exact(row.amount, code), row.reason)  # fmt: skip

    rows = rows.defer("statement__snapshot", "credit_note__snapshot").order_by("effective_on", "pk")
    return header, map(cells, rows.iterator(CHUNK))


def settlements(month: Month) -> Rows:
    header = ("settlement", "statement", "kind", "settled on", "void on", "currency", "amount",
              "certificate", "certificate received on", "reason")  # fmt: skip
    moved = in_month("settled_on", month) | in_month("void_date", month)
    rows = Settlement.objects.filter(moved).select_related("statement").defer("statement__snapshot")

    def cells(row) -> tuple:
        code, came = row.statement.currency, by_end(row.certificate_received_on, month)
        return (row.pk, row.statement.number, row.kind, row.settled_on, by_end(row.void_date, month), code,
                exact(row.amount, code), row.certificate_number if came else "", came,
                row.reason)  # fmt: skip

    return header, map(cells, rows.order_by("settled_on", "pk").iterator(CHUNK))


def refunds(month: Month) -> Rows:
    header = ("refund", "payment", "refunded on", "void on", "method", "reference", "currency", "amount",
              "reason")  # fmt: skip
    moved = in_month("refunded_on", month) | in_month("void_date", month)
    rows = Refund.objects.filter(moved).select_related("payment").order_by("refunded_on", "pk")

    def cells(row) -> tuple:
        code = row.payment.currency
        return (row.pk, row.payment.manual_number, row.refunded_on, by_end(row.void_date, month), row.method,
                row.reference, code, exact(row.amount, code), row.reason)  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


# --- balances ----------------------------------------------------------------------------------
def aging_rows(month: Month) -> Rows:
    def cells(row) -> tuple:
        sums = (*row.buckets, row.credit, row.outstanding)
        return (row.client, row.currency, *(exact(one, row.currency) for one in sums))

    header = ("client", "currency", *BUCKETS, "credit", "outstanding")
    return header, map(cells, aging(month.span.last_day))


def balances(month: Month) -> Rows:
    opening, closing = (
        {(row.client.casefold(), row.client_id, row.currency): row for row in aging(day)}
        for day in (month.previous.span.last_day, month.span.last_day)
    )

    def cells(key: tuple) -> tuple:
        rows = opening.get(key), closing.get(key)
        first, last = (row.outstanding if row else ZERO for row in rows)
        [name, *_rest] = [row.client for row in rows if row]
        return (name, key[2], *(exact(one, key[2]) for one in (first, last - first, last)))

    return ("client", "currency", "opening", "change", "closing"), map(cells, sorted({*opening, *closing}))


# --- audit -------------------------------------------------------------------------------------
def audit_rows(month: Month, last: int) -> Iterator[tuple]:
    """Yield the entries from the month's first hour, on the office's clock, up to the close."""
    midnight = dt.datetime.combine(month.first_day, dt.time(), zoneinfo.ZoneInfo(office_profile().time_zone))
    rows = AuditEntry.objects.filter(scope=OFFICE, at__gte=midnight, position__lte=last).order_by("position")
    return map(audit_reports.csv_row, rows.iterator(CHUNK))
