"""When a bill is due: pure rules from an anchor to dates, no database.

Every date is computed from the anchor, never from the date before it, so that 31 January,
28 February and 31 March follow each other and nothing drifts.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bills.models import Bill
from bills.rules.cycles import DueCycle, cycle_of
from billtracker.core.periods import Span, clamped_date, is_within_reach, month_after

SATURDAY = 5
DAY = dt.timedelta(days=1)
# A date moves by two days at most when it leaves the weekend.
SHIFT_REACH = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """A schedule: the anchor (``start`` with ``due_day``), the step, and where it ends."""

    unit: str
    interval: int
    start: dt.date
    due_day: int
    second_due_day: int | None = None
    end: dt.date | None = None
    instalments: int | None = None
    weekend_shift: str = Bill.WeekendShift.NONE


def rule_of(bill: Bill) -> ScheduleRule:
    """Return the schedule of a bill."""
    return ScheduleRule(
        unit=bill.unit,
        interval=bill.interval,
        start=bill.start_date,
        due_day=bill.due_day or bill.start_date.day,
        second_due_day=bill.second_due_day,
        end=bill.end_date,
        instalments=bill.instalments,
        weekend_shift=bill.weekend_shift,
    )


def scheduled_dates(rule: ScheduleRule, span: Span) -> Iterator[dt.date]:
    """Yield the scheduled dates in the half-open span, in order, before any weekend shift."""
    return (due.date for due in scheduled_cycles(rule, span))


def scheduled_cycles(rule: ScheduleRule, span: Span) -> Iterator[DueCycle]:
    """Yield the same dates, each with the cycle that it stands for."""
    first = _index_near(rule, rule.start)
    while _date_at(rule, first) < rule.start:
        first += 1
    index = max(first, _index_near(rule, span.start))
    last = None if rule.instalments is None else first + rule.instalments
    if rule.unit == Bill.Unit.ONCE:
        last = first + 1
    while last is None or index < last:
        day = _date_at(rule, index)
        # After the last year of anybody's books there are no due dates.
        if day >= span.end or (rule.end and day > rule.end) or not is_within_reach(day):
            return
        if day >= span.start:
            yield DueCycle(day, cycle_of(rule.unit, rule.interval, day, is_second_half=bool(index % 2)))
        index += 1


def _index_near(rule: ScheduleRule, day: dt.date) -> int:
    """Return an index whose date is not after the first date on or after ``day``, and close to it."""
    months = (day.year - rule.start.year) * 12 + day.month - rule.start.month
    match rule.unit:
        case Bill.Unit.WEEK:
            return (day - rule.start).days // (7 * rule.interval)
        case Bill.Unit.MONTH:
            return months // rule.interval
        case Bill.Unit.YEAR:
            return months // (12 * rule.interval)
        case Bill.Unit.TWICE_A_MONTH:
            return 2 * months
    return 0


def _date_at(rule: ScheduleRule, index: int) -> dt.date:
    """Return the date ``index`` steps after the anchor; index 0 lies in the anchor's own month."""
    match rule.unit:
        case Bill.Unit.WEEK:
            return rule.start + dt.timedelta(weeks=index * rule.interval)
        case Bill.Unit.MONTH:
            return _in_month(rule, index * rule.interval, rule.due_day)
        case Bill.Unit.YEAR:
            return _in_month(rule, 12 * index * rule.interval, rule.due_day)
        case Bill.Unit.TWICE_A_MONTH:
            return _twice_a_month(rule, *divmod(index, 2))
    return rule.start


def _in_month(rule: ScheduleRule, months: int, day: int) -> dt.date:
    return clamped_date(*month_after(rule.start.year, rule.start.month, months), day)


def _twice_a_month(rule: ScheduleRule, months: int, which: int) -> dt.date:
    """Return the earlier (0) or later (1) of the month's two days.

    Where both clamp to the month's last day (30 and 31 in February), the earlier one is the day
    before it: two payments are owed, so there are two dates.
    """
    second = rule.second_due_day or rule.due_day
    early, late = (_in_month(rule, months, day) for day in sorted((rule.due_day, second)))
    if early == late:
        early -= DAY
    return (early, late)[which]


def due_date(scheduled: dt.date, weekend_shift: str) -> dt.date:
    """Return the date to pay by: the scheduled one, moved off Saturday or Sunday if asked."""
    beyond = scheduled.weekday() - SATURDAY
    if beyond < 0 or weekend_shift == Bill.WeekendShift.NONE:
        return scheduled
    if weekend_shift == Bill.WeekendShift.BEFORE:
        return scheduled - (1 + beyond) * DAY
    return scheduled + (2 - beyond) * DAY
