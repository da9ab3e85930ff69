"""What a bank line can belong to: a due date of a bill, a statement, a payment recorded by hand."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billtracker.core.money import ZERO


class TargetKind(StrEnum):
    BILL = "bill"
    STATEMENT = "statement"
    PAYMENT = "payment"


# Kind and id: ids alone are unique only within their kind.
TargetKey = tuple[TargetKind, int]


@dataclass(frozen=True, slots=True)
class DueItem:
    """A due date of a bill, or a statement, that is not settled in full.

    ``owed`` is what remains. It is None where the amount is not known before it is paid: for a bill
    that varies, unless somebody entered the amount of this date.
    """

    id: int
    kind: TargetKind
    bill_id: int  # of a statement, its client
    due_date: dt.date
    owed: Decimal | None
    currency: str
    is_variable: bool = False
    past_amounts: tuple[Decimal, ...] = ()  # the latest last
    expected_range: tuple[Decimal, Decimal] | None = None  # entered by a person
    period_days: int | None = None  # to the next due date; None for what is due once
    names: tuple[str, ...] = ()  # of the bill and its payee
    past_descriptors: tuple[str, ...] = ()  # of bank lines that paid it before, the latest last

    @property
    def key(self) -> TargetKey:
        return (self.kind, self.id)

    @property
    def is_paid_by_money_out(self) -> bool:
        return self.kind == TargetKind.BILL

    @property
    def is_settled(self) -> bool:
        return self.owed is not None and self.owed <= ZERO


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """A payment that a person recorded before its bank line came, linked to no line yet."""

    id: int
    kind: TargetKind  # of what it pays
    bill_id: int
    paid_on: dt.date
    amount: Decimal
    currency: str
    names: tuple[str, ...] = ()
    past_descriptors: tuple[str, ...] = ()

    @property
    def key(self) -> TargetKey:
        return (TargetKind.PAYMENT, self.id)

    @property
    def is_paid_by_money_out(self) -> bool:
        return self.kind == TargetKind.BILL


Target = DueItem | RecordedPayment
