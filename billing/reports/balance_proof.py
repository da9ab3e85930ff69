"""The proof of the balances: on every day aging less credit is the ledger, and nothing is below zero.

Both sides are built from the dated rows, each in its own way: aging from what each statement and each
payment still holds, the ledger from its movements. A day on which they differ, or on which more is
applied than there is, makes a fault; month ends are days among them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Allocation, Payment, Refund, Statement
from billing.reports.ledger import movements_by_account
from billing.rules.dated_amounts import DatedAmount, standing_by_day
from billtracker.core.money import ZERO

# A client and a currency.
AccountKey = tuple[int, str]
Changes = dict[AccountKey, dict[dt.date, Decimal]]


@dataclass(frozen=True, slots=True)
class BalanceFault:
    """A day from which on the books do not tie out; the sentence names no client and no amount."""

    day: dt.date
    client_id: int
    currency: str
    subject: str  # the number of a statement or payment below zero; empty: aging and ledger differ

    @property
    def sentence(self) -> str:
        day = self.day.isoformat()
        if self.subject:
            return f"{self.subject} is below zero on {day}"
        return f"Aging and ledger differ by {self.currency} from {day} on"


@dataclass(frozen=True, slots=True)
class _Holder:
    """A statement or payment: what it holds from its first day until it is void."""

    name: str
    account: AccountKey
    amount: Decimal
    first_day: dt.date
    void_date: dt.date | None
    sign: int  # +1 when it is owed to the office

    def standings(self, taken: Iterable[DatedAmount]) -> list[DatedAmount]:
        """Return what it holds at the end of each day with a change; nothing from its void date on."""
        rows = [(self.first_day, self.amount), *taken]
        if self.void_date is None:
            return standing_by_day(rows)
        days = [(day, left) for day, left in standing_by_day(rows) if day < self.void_date]
        return [*days, (self.void_date, ZERO)]


def find_balance_faults() -> list[BalanceFault]:
    """Return where the books do not tie out, the oldest first. Eleven queries; writes nothing."""
    aging: Changes = defaultdict(lambda: defaultdict(lambda: ZERO))
    faults = [fault for holders in (_statements(), _payments()) for fault in _add_up(holders, aging)]
    ledger: Changes = defaultdict(lambda: defaultdict(lambda: ZERO))
    for client, currency, movement in movements_by_account():
        ledger[client, currency][movement.day] += movement.amount
    faults += _differences(aging, ledger)
    return sorted(faults, key=lambda fault: (fault.day, fault.subject, fault.client_id, fault.currency))


def _add_up(holders: Iterable[tuple[_Holder, list[DatedAmount]]], sums: Changes) -> Iterator[BalanceFault]:
    """Add each holder's changes to its account's, and yield the first day on which it is below zero."""
    for holder, taken in holders:
        before, is_told = ZERO, False
        for day, left in holder.standings(taken):
            sums[holder.account][day] += holder.sign * (left - before)
            before = left
            if left < ZERO and not is_told:
                is_told = True
                yield BalanceFault(day, *holder.account, holder.name)


def _differences(aging: Changes, ledger: Changes) -> Iterator[BalanceFault]:
    """Yield for each account the first day at whose end aging less credit is not the ledger's balance."""
    for account in sorted({*aging, *ledger}):
        one, other = aging.get(account, {}), ledger.get(account, {})
        difference = ZERO
        for day in sorted({*one, *other}):
            difference += one.get(day, ZERO) - other.get(day, ZERO)
            if difference:
                yield BalanceFault(day, *account, "")
                break


def _statements() -> Iterator[tuple[_Holder, list[DatedAmount]]]:
    """Yield each numbered statement with what settles it."""
    taken, rows = _amounts_taken("statement_id"), Statement.objects.numbered().order_by()
    columns = ("pk", "number", "client_id", "currency", "total", "issue_date", "void_date")
    for pk, number, client, currency, total, day, void in rows.values_list(*columns):
        yield _Holder(number, (client, currency), total, day, void, +1), taken.get(pk, [])


def _payments() -> Iterator[tuple[_Holder, list[DatedAmount]]]:
    """Yield each posted payment with what is applied and refunded of it."""
    taken, rows = _amounts_taken("payment_id"), Payment.objects.posted().order_by()
    for payment, day, void_date, amount in Refund.objects.order_by().values_list(
        "payment_id", "refunded_on", "void_date", "amount"
    ):
        taken[payment] += [(day, -amount), *([(void_date, amount)] if void_date else [])]
    columns = ("pk", "manual_number", "client_id", "currency", "amount", "paid_on", "void_date")
    for pk, number, client, currency, amount, day, void in rows.values_list(*columns):
        yield _Holder(f"Payment {number}", (client, currency), amount, day, void, -1), taken.get(pk, [])


def _amounts_taken(key: str) -> dict[int, list[DatedAmount]]:
    """Return what is applied by statement or by payment, each row with its day."""
    found: dict[int, list[DatedAmount]] = defaultdict(list)
    rows = Allocation.objects.exclude(**{key: None}).order_by()
    for pk, day, amount in rows.values_list(key, "effective_on", "amount"):
        found[pk].append((day, -amount))
    return found
