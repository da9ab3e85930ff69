"""What became of a statement's total: paid, settled otherwise, credited, still owed."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Allocation, CreditNote, Settlement, Statement
from billing.models.statements import StatementQuerySet
from billing.reports.balances import outstanding
from billing.rules.payment_states import payment_state
from billtracker.core.money import ZERO, MoneySum

# What the statement list can be narrowed to, beside a statement's own states.
DERIVED = ("open", "overdue", "paid")


@dataclass(frozen=True, slots=True)
class StatementMoney:
    """One issued statement's figures, its derived state, and the rows behind them."""

    settled: Decimal
    outstanding: Decimal
    # What can still be settled of it: of one dated ahead its total, though it owes nothing yet.
    left: Decimal
    state: str
    # Payments and credit notes that were applied, each with its reversal as ``reversed_by``.
    rows: list[Allocation]
    settlements: list[Settlement]
    credit_notes: list[CreditNote]

    @property
    def live_rows(self) -> list[Allocation]:
        return [row for row in self.rows if not hasattr(row, "reversed_by")]


def money_of(statement: Statement, day: dt.date) -> StatementMoney:
    """Return an issued or void statement's money and state as of ``day``. Six queries."""
    one = Statement.objects.filter(pk=statement.pk).with_balance(day).with_cash(day).get()
    rows = statement.allocations.filter(reverses=None).order_by("effective_on", "pk")
    sources = ("payment__client", "settlement", "credit_note", "created_by", "reversed_by")
    return StatementMoney(
        one.settled,
        one.outstanding,
        outstanding(statement),
        state_of(one, day),
        list(rows.select_related(*sources)),
        list(statement.settlements.select_related("recorded_by", "voided_by").order_by("settled_on", "pk")),
        list(statement.credit_notes.order_by("issue_date", "pk")),
    )


def state_of(statement, day: dt.date) -> str:
    """Return the derived state of an issued statement with its sums, of any other one its own state."""
    if statement.state != Statement.State.ISSUED:
        return statement.state
    return payment_state(
        total=statement.total,
        settled=statement.settled,
        cash=statement.cash,
        due_date=statement.due_date,
        day=day,
        is_ahead=statement.is_ahead,
    )


def filter_by_money(statements: StatementQuerySet, derived: str, day: dt.date) -> StatementQuerySet:
    """Return the issued statements that owe something, that owe it late, or that owe nothing any more."""
    issued = statements.issued().with_balance(day).filter(is_ahead=False)
    if derived == "paid":
        return issued.filter(outstanding__lte=ZERO)
    owing = issued.filter(outstanding__gt=ZERO)
    return owing.filter(due_date__lt=day) if derived == "overdue" else owing


def outstanding_totals(statements: StatementQuerySet, day: dt.date) -> dict[str, Decimal]:
    """Return what the issued ones among them owe at the end of the day per currency. Two queries."""
    issued = statements.issued().filter(issue_date__lte=day).order_by()
    totals = dict(issued.values_list("currency").annotate(sum=MoneySum("total")).order_by("currency"))
    rows = Allocation.objects.by(day).filter(statement__in=issued.values("pk")).order_by()
    settled = dict(rows.values_list("statement__currency").annotate(sum=MoneySum("amount")))
    return {currency: total - settled.get(currency, ZERO) for currency, total in totals.items()}
