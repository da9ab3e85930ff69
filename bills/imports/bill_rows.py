"""One row of a file as the bill it would become, or the sentence why it cannot be one."""

import datetime as dt
from dataclasses import dataclass

from bills.models import Bill
from bills.rules.schedule_text import (
    Cycle,
    Schedule,
    ScheduleError,
    in_words,
    parse_cycle,
    parse_days,
    schedule,
)
from bills.rules.schedules import rule_of
from billtracker.core.imports.amounts import Amount
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.money import to_display
from billtracker.core.periods import Month
from billtracker.core.text import comparison_key


@dataclass(frozen=True, slots=True)
class PlannedBill:
    """A row as the bill it would become."""

    name: str
    category: str
    amount: Amount
    schedule: Schedule
    end_date: dt.date | None
    is_autopay: bool
    notes: str

    @property
    def identity(self) -> tuple:
        """Two bills with the same identity are taken for the same bill."""
        return (comparison_key(self.name), self.amount, self.schedule.identity)


def plan_bill(row: RowCells) -> PlannedBill:
    """Return the bill a row describes; RowProblem with a sentence for the first thing that is wrong."""
    name = row.text("name", 120)
    if not name:
        raise RowProblem("The bill has no name.", "name")
    when = _schedule_of(row)
    end_date = row.date("end_date")
    if end_date and end_date < when.start_date:
        raise RowProblem("The end date is before the first due date.", "end_date")
    return PlannedBill(
        name=name,
        category=row.text("category", 80),
        amount=_amount_of(row),
        schedule=when,
        end_date=end_date,
        is_autopay=row.is_yes("autopay", "Autopay"),
        notes=row["notes"],
    )


def _amount_of(row: RowCells) -> Amount:
    amount = row.amount("amount")
    if amount is None:
        raise RowProblem("The amount is missing.", "amount")
    if amount.value < 0:
        raise RowProblem("The amount of a bill is not negative.", "amount")
    return amount


def _schedule_of(row: RowCells) -> Schedule:
    if "cycle" in row.answers.columns and not row["cycle"]:
        raise RowProblem("Say how often the bill is due.", "cycle")
    first_due = row.date("first_due")
    try:
        cycle = parse_cycle(row["cycle"]) if row["cycle"] else Cycle(Bill.Unit.MONTH, 1)
        return schedule(cycle, parse_days(row["due_day"]), first_due, start_month_of(row.answers))
    except ScheduleError as error:
        raise RowProblem(error.sentence, error.column) from None


def start_month_of(answers: Answers) -> Month:
    year, month = answers.options["start_month"].split("-")
    return Month(int(year), int(month))


def identity_of(bill: Bill) -> tuple:
    """Return the identity of a bill that exists, to compare with ``PlannedBill.identity``."""
    rule = rule_of(bill)
    when = Schedule(rule.unit, rule.interval, rule.start, rule.due_day, rule.second_due_day)
    return (comparison_key(bill.name), Amount(bill.expected_amount, bill.currency), when.identity)


def describe_bill(bill: PlannedBill, answers: Answers) -> dict[str, str]:
    """Return what was understood, for people; also what must still hold when it is applied."""
    amount = to_display(bill.amount.value, bill.amount.currency, symbol=False)
    ends = f", last due by {bill.end_date}" if bill.end_date else ""
    return {
        "Bill": bill.name,
        "Category": bill.category or "none",
        "Amount": f"{amount} {bill.amount.currency}",
        "Due": f"{in_words(bill.schedule)}, first {bill.schedule.start_date}{ends}",
        "Tracked from": str(start_month_of(answers).first_day),
        "Autopay": "yes" if bill.is_autopay else "no",
        "Notes": bill.notes,
    }
