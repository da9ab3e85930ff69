"""One row of a file as the payment it would become, and how it is put in words."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bills.imports.nearest_due_date import OpenDate
from bills.models import Bill
from bills.rules.currencies import why_not_payable
from billtracker.core.money import ZERO, to_display


@dataclass(slots=True)
class PlannedPayment:
    """A row as the payment it would become."""

    number: int
    bill: Bill
    paid_on: dt.date
    amount: Decimal
    currency: str
    method: str
    note: str
    settles: OpenDate | None = None
    paid_before: Decimal = ZERO
    same_as: str = ""

    @property
    def settled_date(self) -> OpenDate:
        """The due date it settles, of a row that has one; LookupError for any other."""
        if self.settles is None:
            raise LookupError(f"Row {self.number} settles no due date.")
        return self.settles

    @property
    def why_not_payable(self) -> str:
        """Why its currency cannot settle the due date that it meets; empty where it can."""
        due = self.settled_date
        what = f"“{self.bill}”, due {day_text(due.due_date)},"
        return why_not_payable(what, due.currency, self.currency)

    @property
    def identity(self) -> tuple:
        return (self.bill.pk, self.paid_on, self.amount, self.currency)


@lru_cache(maxsize=4_096)
def amount_text(amount: Decimal, currency: str) -> str:
    """Return ``1,850.00 USD``; long files repeat the same few amounts."""
    return f"{to_display(amount, currency, symbol=False)} {currency}"


def day_text(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
