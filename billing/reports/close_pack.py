"""What the month-close archive holds: each table as of the month's end, in one order.

Only what was dated up to the month's last day, and the audit log up to the close: made again later,
a closed month gives the same.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator

from django.db.models import OuterRef, Q

from billing.documents.close_pack import Part, as_csv, as_json
from billing.models import Allocation, CreditNote, Document, Payment, Period, Refund, Settlement, Statement
from billing.models.queries import not_void_on
from billing.reports import audit as audit_reports
from billing.reports.aging import BUCKETS, aging, bucket_of, days_late
from billing.reports.office import office_profile
from billtracker.core.audit import OFFICE
from billtracker.core.models import AuditEntry
from billtracker.core.money import ZERO, to_places
from billtracker.core.periods import Month
from billtracker.core.web.exports import Row

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
    yield as_csv("allocations", *_allocations(month))
    yield as_csv("settlements", *_settlements(month))
    yield as_csv("credit-notes", *_credit_notes(month))
    yield as_csv("refunds", *_refunds(month))
    yield as_csv("aging", *_aging_rows(month))
    yield as_csv("balances", *_balances(month))
    yield as_csv("audit", audit_reports.COLUMNS, _audit_rows(month, closing["audit"]["position"]))


Rows = tuple[tuple[str, ...], Iterable[Row]]


def _in_month(day: str, month: Month) -> Q:
    return Q(**{f"{day}__gte": month.first_day, f"{day}__lt": month.span.end})


def _by_end(day: dt.date | None, month: Month) -> dt.date | None:
    """Return a day up to the month's end; a later one is not known yet."""
    return day if day and day < month.span.end else None


# --- documents ---------------------------------------------------------------------------------
def register(month: Month) -> Rows:
    header = ("number", "client", "issued on", "due on", "state", "void on", "void reason", "currency",
              "total", "sha256 of the PDF")  # fmt: skip
    made = Document.objects.filter(statement=OuterRef("pk"), kind=Document.Kind.ORIGINAL)
    rows = (
        Statement.objects.numbered()
        .filter(_in_month("issue_date", month))
        .annotate(digest=made.values("sha256")[:1])
    )
    rows = rows.select_related("client").defer("snapshot").order_by("sequence_year", "sequence_number")

    def cells(row) -> Row:
        void = _by_end(row.void_date, month)
        return {
            "number": row.number, "client": row.client.name, "issued on": row.issue_date,
            "due on": row.due_date, "state": "void" if void else "issued", "void on": void,
            "void reason": row.void_reason if void else "", "currency": row.currency,
            "total": to_places(row.total, row.currency), "sha256 of the PDF": row.digest,
        }  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


def statements(month: Month) -> Rows:
    header = ("number", "client", "issued on", "due on", "void on", "currency", "total", "settled",
              "outstanding", "days late", "bucket")  # fmt: skip
    last = month.span.last_day
    numbered = Statement.objects.numbered().filter(issue_date__lte=last)
    moved = _in_month("issue_date", month) | _in_month("void_date", month)
    rows = numbered.with_balance(last).filter(moved | (not_void_on(last) & ~Q(outstanding=ZERO)))
    rows = rows.select_related("client").defer("snapshot").order_by("number")

    def cells(row) -> Row:
        void, code = _by_end(row.void_date, month), row.currency
        left = ZERO if void else row.outstanding
        late = max(days_late(row.due_date, last), 0) if left else ""
        bucket = BUCKETS[bucket_of(row.due_date, last)] if left else ""
        return {
            "number": row.number, "client": row.client.name, "issued on": row.issue_date,
            "due on": row.due_date, "void on": void, "currency": code, "total": to_places(row.total, code),
            "settled": to_places(row.settled, code), "outstanding": to_places(left, code), "days late": late,
            "bucket": bucket,
        }  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


def _credit_notes(month: Month) -> Rows:
    header = ("number", "statement", "client", "issued on", "currency", "amount", "reason")
    rows = CreditNote.objects.filter(_in_month("issue_date", month)).select_related("statement__client")

    def cells(row) -> Row:
        return {
            "number": row.number, "statement": row.statement.number, "client": row.statement.client.name,
            "issued on": row.issue_date, "currency": row.currency,
            "amount": to_places(row.amount, row.currency), "reason": row.reason,
        }  # fmt: skip

    return header, map(cells, rows.defer("snapshot", "statement__snapshot").order_by("number"))


# --- money -------------------------------------------------------------------------------------
def payments(month: Month) -> Rows:
    header = ("payment", "manual number", "client", "paid on", "method", "reference", "void on", "cause",
              "currency", "amount", "applied", "refunded", "credit")  # fmt: skip
    last = month.span.last_day
    paid = Payment.objects.posted().filter(paid_on__lte=last)
    moved = _in_month("paid_on", month) | _in_month("void_date", month)
    rows = paid.with_credit(last).filter(moved | (not_void_on(last) & ~Q(credit=ZERO)))

    def cells(row) -> Row:
        void, code = _by_end(row.void_date, month), row.currency
        return {
            "payment": row.pk, "manual number": row.manual_number, "client": row.client.name,
            "paid on": row.paid_on, "method": row.method, "reference": row.reference, "void on": void,
            "cause": row.void_cause if void else "", "currency": code, "amount": to_places(row.amount, code),
            "applied": to_places(row.applied, code), "refunded": to_places(row.refunded, code),
            "credit": to_places(ZERO if void else row.credit, code),
        }  # fmt: skip

    return header, map(cells, rows.select_related("client").order_by("paid_on", "pk").iterator(CHUNK))


def _allocations(month: Month) -> Rows:
    header = ("allocation", "day", "statement", "kind", "source", "reverses", "currency", "amount", "reason")
    rows = Allocation.objects.filter(_in_month("effective_on", month)).select_related(
        "statement", "payment", "settlement", "credit_note"
    )

    def cells(row) -> Row:
        kind = row.settlement.kind if row.settlement else "credit_note" if row.credit_note else "payment"
        source = row.payment.manual_number if row.payment else row.credit_note or row.settlement_id
        code = row.statement.currency
        return {
            "allocation": row.pk, "day": row.effective_on, "statement": row.statement.number, "kind": kind,
            "source": str(source), "reverses": row.reverses_id, "currency": code,
            "amount": to_places(row.amount, code), "reason": row.reason,
        }  # fmt: skip

    rows = rows.defer("statement__snapshot", "credit_note__snapshot").order_by("effective_on", "pk")
    return header, map(cells, rows.iterator(CHUNK))


def _settlements(month: Month) -> Rows:
    header = ("settlement", "statement", "kind", "settled on", "void on", "currency", "amount",
              "certificate", "certificate received on", "reason")  # fmt: skip
    moved = _in_month("settled_on", month) | _in_month("void_date", month)
    rows = Settlement.objects.filter(moved).select_related("statement").defer("statement__snapshot")

    def cells(row) -> Row:
        code, came = row.statement.currency, _by_end(row.certificate_received_on, month)
        return {
            "settlement": row.pk, "statement": row.statement.number, "kind": row.kind,
            "settled on": row.settled_on, "void on": _by_end(row.void_date, month), "currency": code,
            "amount": to_places(row.amount, code), "certificate": row.certificate_number if came else "",
            "certificate received on": came, "reason": row.reason,
        }  # fmt: skip

    return header, map(cells, rows.order_by("settled_on", "pk").iterator(CHUNK))


def _refunds(month: Month) -> Rows:
    header = ("refund", "payment", "refunded on", "void on", "method", "reference", "currency", "amount",
              "reason")  # fmt: skip
    moved = _in_month("refunded_on", month) | _in_month("void_date", month)
    rows = Refund.objects.filter(moved).select_related("payment").order_by("refunded_on", "pk")

    def cells(row) -> Row:
        code = row.payment.currency
        return {
            "refund": row.pk, "payment": row.payment.manual_number, "refunded on": row.refunded_on,
            "void on": _by_end(row.void_date, month), "method": row.method, "reference": row.reference,
            "currency": code, "amount": to_places(row.amount, code), "reason": row.reason,
        }  # fmt: skip

    return header, map(cells, rows.iterator(CHUNK))


# --- balances ----------------------------------------------------------------------------------
def _aging_rows(month: Month) -> Rows:
    def cells(row) -> Row:
        sums = dict(zip(BUCKETS, row.buckets, strict=True))
        sums |= {"credit": row.credit, "outstanding": row.outstanding}
        amounts = {name: to_places(amount, row.currency) for name, amount in sums.items()}
        return {"client": row.client, "currency": row.currency, **amounts}

    header = ("client", "currency", *BUCKETS, "credit", "outstanding")
    return header, map(cells, aging(month.span.last_day))


def _balances(month: Month) -> Rows:
    opening, closing = (
        {(row.client.casefold(), row.client_id, row.currency): row for row in aging(day)}
        for day in (month.previous.span.last_day, month.span.last_day)
    )

    def cells(key: tuple) -> Row:
        rows = opening.get(key), closing.get(key)
        first, last = (row.outstanding if row else ZERO for row in rows)
        [name, *_rest] = [row.client for row in rows if row]
        sums = {"opening": first, "change": last - first, "closing": last}
        amounts = {noun: to_places(amount, key[2]) for noun, amount in sums.items()}
        return {"client": name, "currency": key[2], **amounts}

    return ("client", "currency", "opening", "change", "closing"), map(cells, sorted({*opening, *closing}))


# --- audit -------------------------------------------------------------------------------------
def _audit_rows(month: Month, last: int) -> Iterator[Row]:
    """Yield the entries from the month's first hour, on the office's clock, up to the close."""
    midnight = dt.datetime.combine(month.first_day, dt.time(), zoneinfo.ZoneInfo(office_profile().time_zone))
    rows = AuditEntry.objects.filter(scope=OFFICE, at__gte=midnight, position__lte=last).order_by("position")
    return map(audit_reports.csv_row, rows.iterator(CHUNK))
