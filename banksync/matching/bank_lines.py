"""A line of a bank account, as matching sees it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from banksync.matching.descriptors import normalize_descriptor
from billtracker.core.money import ZERO


@dataclass(frozen=True, slots=True)
class BankLine:
    """One transaction. ``amount`` is negative for money out; ``used`` of it settles something already."""

    id: int
    account_id: int
    day: dt.date | None  # None while the bank gives no date
    amount: Decimal
    currency: str
    descriptor: str
    is_pending: bool = False
    is_monitored: bool = True
    used: Decimal = ZERO

    @property
    def is_money_out(self) -> bool:
        return self.amount < ZERO

    @property
    def left(self) -> Decimal:
        """What of the line settles nothing yet, without its sign."""
        return max(abs(self.amount) - self.used, ZERO)

    @property
    def payee(self) -> str:
        return normalize_descriptor(self.descriptor)
