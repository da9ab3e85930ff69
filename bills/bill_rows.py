"""One row of a file as the bill it would become, or the sentence why it cannot be one."""

import datetime as dt
from dataclasses import dataclass

from bills.models import Bill
from bills.schedule_text import Cycle, Schedule, ScheduleError, in_words, parse_cycle, parse_days, schedule
from bills.schedules import rule_of
from billtracker.core.imports.amounts import Amount
from billtracker.core.imports.cells import normalised, one_line
from billtracker.core.imports.dates import DateError
from billtracker.core.imports.handlers import Answers, Row, RowProblem
from billtracker.core.money import MoneyError, to_display
from billtracker.core.periods import Month

_YES = {"yes", "y", "true", "1", "x", "on"}
_NO = {"no", "n", "false", "0", "", "off", "-"}


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
        return (normalised(self.name), self.amount, self.schedule.identity)


def planned(row: Row, answers: Answers) -> PlannedBill:
    """Return the bill a row describes; RowProblem with a sentence for the first thing that is wrong."""
    name = text_of(row, "name", 120)
    if not name:
        raise RowProblem("The bill has no name.", "name")
    when = schedule_of(row, answers)
    end_date = date_of(row, "end_date", answers)
    if end_date and end_date < when.start_date:
        raise RowProblem("The end date is before the first due date.", "end_date")
    return PlannedBill(
        name=name,
        category=text_of(row, "category", 80),
        amount=amount_of(row, answers),
        schedule=when,
        end_date=end_date,
        is_autopay=yes_or_no(row),
        notes=row["notes"],
    )


def text_of(row: Row, name: str, limit: int) -> str:
    text = one_line(row[name])
    if len(text) > limit:
        raise RowProblem(f"This is longer than {limit} characters.", name)
    return text


def amount_of(row: Row, answers: Answers) -> Amount:
    if not row["amount"]:
        raise RowProblem("The amount is missing.", "amount")
    try:
        amount = answers.amounts.read(row["amount"])
    except MoneyError as error:
        raise RowProblem(str(error), "amount") from None
    if amount.value < 0:
        raise RowProblem("The amount of a bill is not negative.", "amount")
    return amount


def date_of(row: Row, name: str, answers: Answers) -> dt.date | None:
    """Return the date in a cell, None for an empty one."""
    if not row[name]:
        return None
    try:
        day = answers.dates.read(row[name])
    except DateError as error:
        raise RowProblem(str(error), name) from None
    if not 1970 <= day.year <= 2100:
        raise RowProblem(f"The year {day.year} is out of reach.", name)
    return day


def schedule_of(row: Row, answers: Answers) -> Schedule:
    if "cycle" in answers.columns and not row["cycle"]:
        raise RowProblem("Say how often the bill is due.", "cycle")
    first_due = date_of(row, "first_due", answers)
    try:
        cycle = parse_cycle(row["cycle"]) if row["cycle"] else Cycle(Bill.Unit.MONTH, 1)
        return schedule(cycle, parse_days(row["due_day"]), first_due, start_month_of(answers))
    except ScheduleError as error:
        raise RowProblem(error.sentence, error.column) from None


def start_month_of(answers: Answers) -> Month:
    year, month = answers.options["start_month"].split("-")
    return Month(int(year), int(month))


def yes_or_no(row: Row) -> bool:
    text = row["autopay"].lower()
    if text not in _YES | _NO:
        raise RowProblem("Autopay is yes or no.", "autopay")
    return text in _YES


def identity_of(bill: Bill) -> tuple:
    """Return the identity of a bill that exists, to compare with ``PlannedBill.identity``."""
    rule = rule_of(bill)
    when = Schedule(rule.unit, rule.interval, rule.start, rule.due_day, rule.second_due_day)
    return (normalised(bill.name), Amount(bill.expected_amount, bill.currency), when.identity)


def described(bill: PlannedBill, answers: Answers) -> dict[str, str]:
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
