"""Control totals of a month: what was issued, received and applied in it, and what stood at its end.

Every figure is a sum over dated rows, so that a closed month gives the same for ever; the page of a
closed month compares.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, QuerySet

from billing.documents.kinds import KINDS
from billing.models import Allocation, CreditNote, Payment, Refund, Settlement, Statement
from billing.reports.aging import aging, totals
from billtracker.core.money import ZERO, MoneySum, to_text
from billtracker.core.periods import Month

NAMES = {
    "issued": "Issued", "voided": "Voided", "received": "Received", "payments_voided": "Payments voided",
    "applied": "Applied", "withholding": "Tax withheld", "bank_charge": "Bank charges",
    "rounding": "Rounding", "write_off": "Written off", "credited": "Credited", "refunded": "Refunded",
    "outstanding": "Outstanding at the end", "credit": "Unapplied credit at the end",
}  # fmt: skip
COUNTS = {
    "statements": "Statements issued", "statements_voided": "Statements voided",
    "payments": "Payments received", "payments_voided": "Payments voided", "allocations": "Allocations",
    "settlements": "Settlements", "credit_notes": "Credit notes", "refunds": "Refunds",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ControlDifference:
    """A figure that is no longer what it was at the close."""

    name: str
    then: str
    now: str


def control_totals(month: Month) -> dict:
    """Return the month's totals as JSON: per currency in text, counts, last numbers. A constant number of
    queries; rebuilt from dated rows."""
    return {"currencies": _amounts(month), "counts": _counts(month), "last_numbers": _last_numbers(month)}


def _within(rows: QuerySet, day: str, month: Month) -> QuerySet:
    """Return the rows whose day lies in the month, in no order."""
    return rows.filter(**{f"{day}__gte": month.first_day, f"{day}__lt": month.span.end}).order_by()


def _posted_payments() -> QuerySet[Payment]:
    return Payment.objects.posted()


def _amounts(month: Month) -> dict[str, dict[str, str]]:
    """Return {currency: {name: amount}}; every currency has every name."""
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(NAMES, ZERO))

    def add(name: str, rows: QuerySet, amount: str = "amount", currency: str = "currency", sign: int = 1):
        for code, total in rows.values_list(currency).annotate(total=MoneySum(amount)):
            found[code][name] += sign * total

    issued, applied = Statement.objects.numbered(), _within(Allocation.objects.all(), "effective_on", month)
    of_statement, of_payment = "statement__currency", "payment__currency"
    add("issued", _within(issued, "issue_date", month), "total")
    add("voided", _within(issued, "void_date", month), "total")
    add("received", _within(_posted_payments(), "paid_on", month))
    add("payments_voided", _within(_posted_payments(), "void_date", month))
    add("applied", applied.exclude(payment=None), currency=of_statement)
    add("credited", applied.exclude(credit_note=None), currency=of_statement)
    for kind in Settlement.Kind.values:
        add(kind, applied.filter(settlement__kind=kind), currency=of_statement)
    add("refunded", _within(Refund.objects.all(), "refunded_on", month), currency=of_payment)
    add("refunded", _within(Refund.objects.all(), "void_date", month), currency=of_payment, sign=-1)
    for row in totals(aging(month.span.last_day)):
        found[row.currency] |= {"outstanding": row.owed, "credit": row.credit}
    return {
        currency: {name: to_text(amount, currency) for name, amount in found[currency].items()}
        for currency in sorted(found)
    }


def _counts(month: Month) -> dict[str, int]:
    issued = Statement.objects.numbered()
    rows = {
        "statements": _within(issued, "issue_date", month),
        "statements_voided": _within(issued, "void_date", month),
        "payments": _within(_posted_payments(), "paid_on", month),
        "payments_voided": _within(_posted_payments(), "void_date", month),
        "allocations": _within(Allocation.objects.all(), "effective_on", month),
        "settlements": _within(Settlement.objects.all(), "settled_on", month),
        "credit_notes": _within(CreditNote.objects.all(), "issue_date", month),
        "refunds": _within(Refund.objects.all(), "refunded_on", month),
    }
    return {name: found.count() for name, found in rows.items()}


def _last_numbers(month: Month) -> dict[str, int]:
    """Return the highest number of each counter that a document dated up to the month's end carries."""
    found: dict[str, int] = {}
    keys = ("sequence__code", "sequence_year")
    for kind in KINDS:
        rows = kind.all_numbered().filter(issue_date__lt=month.span.end, sequence__isnull=False).order_by()
        for code, year, number in rows.values_list(*keys).annotate(last=Max("sequence_number")):
            found[f"{code} {year}" if year else code] = number
    return dict(sorted(found.items()))


# --- then and now ------------------------------------------------------------------------------
def differences(closing: Mapping, now: Mapping) -> list[ControlDifference]:
    """Return what differs between the totals kept at the close and those of now; empty when all hold."""
    then, current = flat(closing), flat(now)
    names = [*then, *(name for name in current if name not in then)]
    pairs = ((name, then.get(name, "0"), current.get(name, "0")) for name in names)
    return [ControlDifference(*pair) for pair in pairs if pair[1] != pair[2]]


def flat(found: Mapping) -> dict[str, str]:
    """Return every figure under one name; amounts of zero are left out, a currency may come with none."""
    figures = {
        f"{NAMES.get(name, name)}, {currency}": amount
        for currency, sums in found.get("currencies", {}).items()
        for name, amount in sums.items()
        if Decimal(amount)
    }
    figures |= {COUNTS.get(name, name): str(count) for name, count in found.get("counts", {}).items()}
    return figures | {
        f"Last number, {name}": str(last) for name, last in found.get("last_numbers", {}).items()
    }


def _opening_day(month: Month) -> dt.date:
    """Return the day at whose end the month begins."""
    return month.previous.span.last_day
