"""What a backup says about the books in a line: totals and the last number, over households and office."""

from billing.models import Statement
from bills.models import Payment
from billtracker.core.money import MoneySum, to_text


def headline() -> dict:
    """Return the totals of numbered statements and of paid bills per currency, and the last number."""
    numbered = Statement.objects.numbered()
    last = numbered.order_by("-issued_at", "-pk").values_list("number", flat=True).first()
    return {
        "totals": _totals(numbered, "total"),
        "paid": _totals(Payment.objects.live(), "amount"),
        "last_number": last or "",
    }


def _totals(rows, column: str) -> dict[str, str]:
    """Add a column of money up per currency: ``{"USD": "1850.00"}``."""
    found = rows.order_by("currency").values_list("currency").annotate(total=MoneySum(column))
    return {currency: to_text(total, currency) for currency, total in found}
