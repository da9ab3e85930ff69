"""From the words of a file to a schedule: "12th", "weekly (Mon)", "twice a month (1, 15)"."""

import datetime as dt
import re
from dataclasses import dataclass

from bills.models import Bill, is_first_date
from billtracker.core.periods import Month, clamped_date

Unit = Bill.Unit

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_COUNT = {word: number for number, word in enumerate(_NUMBERS, start=1)} | {"other": 2, "second": 2}
_WEEKDAYS = "mon tue wed thu fri sat sun".split()
_WEEKDAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_EVERY = re.compile(r"(?:every|each) (?:(\d{1,3}|[a-z]+) )?(week|month|year|quarter)s?")
_DAY = re.compile(r"(?:the )?(\d{1,4})(?:st|nd|rd|th|\.)?")
_NAMED = {
    (Unit.WEEK, 1): "weekly|once a week|per week",
    (Unit.WEEK, 2): "biweekly|bi weekly|fortnightly|fortnight",
    (Unit.WEEK, 4): "four weekly|4 weekly",
    (Unit.TWICE_A_MONTH, 1): "twice a month|twice monthly|semimonthly|semi monthly|2x a month",
    (Unit.MONTH, 1): "monthly|once a month|per month",
    (Unit.MONTH, 3): "quarterly|once a quarter",
    (Unit.MONTH, 6): "semiannual|semi annual|semiannually|semi annually|half yearly|twice a year|biannual",
    (Unit.YEAR, 1): "yearly|annual|annually|once a year|per year",
    (Unit.YEAR, 2): "biennial|biennially",
    (Unit.ONCE, 1): "once|one time|one off|just once",
}
_CYCLES = {name: cycle for cycle, names in _NAMED.items() for name in names.split("|")}
_MONTHS_IN = {"quarter": 3}


class ScheduleError(ValueError):
    """The words are no schedule; the message says why, ``column`` which words."""

    def __init__(self, sentence: str, column: str):
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the month (1 to 31) or a day of the week (Monday is 0) that somebody named."""

    of_month: tuple[int, ...] = ()
    of_week: int | None = None

    def __bool__(self) -> bool:
        return bool(self.of_month) or self.of_week is not None


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often, with the days the same words may name: ``weekly (Mon)``."""

    unit: str
    interval: int
    days: Days = Days()


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a bill needs to know when it is due."""

    unit: str
    interval: int
    start_date: dt.date
    due_day: int | None = None
    second_due_day: int | None = None

    @property
    def identity(self) -> tuple:
        """What two equal schedules share, wherever their tracking started."""
        first, day = self.start_date, self.due_day or self.start_date.day
        match self.unit:
            case Unit.WEEK:
                return (self.unit, self.interval, first.toordinal() % (7 * self.interval))
            case Unit.MONTH:
                return (self.unit, self.interval, (first.year * 12 + first.month) % self.interval, day)
            case Unit.YEAR:
                return (self.unit, self.interval, first.year % self.interval, first.month, day)
            case Unit.TWICE_A_MONTH:
                return (self.unit, *sorted((self.due_day or 0, self.second_due_day or 0)))
        return (self.unit, first)


# --- reading words -----------------------------------------------------------------------------
def parse_days(text: str, column: str = "due_day") -> Days:
    """Read ``12th``, ``1, 15``, ``1 and 15``, ``Mon``, ``last day``; empty text names no day."""
    plain = " ".join(text.lower().split())
    if not plain:
        return Days()
    if plain in {"last", "last day", "end of month", "month end"}:
        return Days((31,))
    if plain[:3] in _WEEKDAYS:
        weekday = _WEEKDAYS.index(plain[:3])
        if _WEEKDAY_NAMES[weekday].lower().startswith(plain.rstrip("s.")):
            return Days(of_week=weekday)
    parts = [part for part in re.split(r"\s*(?:,|;|&|/|\+|\band\b)\s*", plain) if part]
    return Days(tuple(_day_of_month(part, text, column) for part in parts))


def _day_of_month(part: str, text: str, column: str) -> int:
    match = _DAY.fullmatch(part)
    if not match:
        raise ScheduleError(f"“{text.strip()[:40]}” is not a day such as 12, 12th or “1, 15”.", column)
    if not 1 <= int(match[1]) <= 31:
        raise ScheduleError(f"There is no day {match[1]} in any month.", column)
    return int(match[1])


def parse_cycle(text: str) -> Cycle:
    """Read how often: ``monthly``, ``every 2 weeks``, ``weekly (Mon)``, ``semiannual``, ``once``."""
    plain, _, inside = text.lower().partition("(")
    plain = " ".join(re.sub(r"[-_.]", " ", plain).split())
    days = parse_days(inside.rstrip(") "), "cycle")
    if plain in {"bimonthly", "bi monthly"}:
        raise ScheduleError("“Bimonthly” can mean “twice a month” or “every 2 months”; write one.", "cycle")
    if plain in _CYCLES:
        return Cycle(*_CYCLES[plain], days)
    if match := _EVERY.fullmatch(plain):
        return Cycle(*_every(match[1], match[2], text), days)
    raise ScheduleError(f"“{text.strip()[:40]}” is not how often a bill can be due.", "cycle")


def _every(count: str | None, unit: str, text: str) -> tuple[str, int]:
    """Return the unit and interval of ``every N weeks`` and the like."""
    number = int(count) if count and count.isdigit() else _COUNT.get(count, 0) if count else 1
    number *= _MONTHS_IN.get(unit, 1)
    if not 1 <= number <= 100:
        raise ScheduleError(f"“{text.strip()[:40]}” is not how often a bill can be due.", "cycle")
    return {"week": Unit.WEEK, "year": Unit.YEAR}.get(unit, Unit.MONTH), number


# --- putting them together ---------------------------------------------------------------------
def schedule(cycle: Cycle, days: Days, first_due: dt.date | None, start_month: Month) -> Schedule:
    """Return the schedule that a row's three columns describe; ScheduleError where they disagree.

    A bill by the month without a first due date starts in ``start_month``.
    """
    match cycle.unit:
        case Unit.WEEK:
            return _weekly(cycle, days, first_due)
        case Unit.TWICE_A_MONTH:
            return _twice_a_month(cycle, days, first_due, start_month)
        case Unit.ONCE:
            return once(days, first_due)
    return _by_the_month(cycle, days or cycle.days, first_due, start_month)


def _weekly(cycle: Cycle, days: Days, first_due: dt.date | None) -> Schedule:
    if first_due is None:
        raise ScheduleError("A bill by the week needs its first due date.", "first_due")
    for named in (cycle.days, days):
        if named.of_week not in (None, first_due.weekday()):
            raise ScheduleError(
                f"{first_due} is a {_WEEKDAY_NAMES[first_due.weekday()]}, "
                f"not a {_WEEKDAY_NAMES[named.of_week]}.",
                "first_due",
            )
        if named.of_month and named.of_month != (first_due.day,):
            raise ScheduleError("A bill by the week has no due day of the month.", "due_day")
    return Schedule(cycle.unit, cycle.interval, first_due)


def once(days: Days, first_due: dt.date | None) -> Schedule:
    if first_due is None:
        raise ScheduleError("A bill that is due once needs its due date.", "first_due")
    _check_agrees(days.of_month or (first_due.day,), first_due)
    return Schedule(Unit.ONCE, 1, first_due)


def _by_the_month(cycle: Cycle, days: Days, first_due: dt.date | None, start_month: Month) -> Schedule:
    if days.of_week is not None or len(days.of_month) > 1:
        raise ScheduleError("This bill is due on one day of the month; name that day.", "due_day")
    if first_due:
        _check_agrees(days.of_month or (first_due.day,), first_due)
    if days:
        day = days.of_month[0]
    elif first_due:
        day = first_due.day
    else:
        raise ScheduleError("Name the due day or the first due date.", "due_day")
    start = first_due or clamped_date(start_month.year, start_month.month, day)
    return Schedule(cycle.unit, cycle.interval, start, day)


def _twice_a_month(cycle: Cycle, days: Days, first_due: dt.date | None, start_month: Month) -> Schedule:
    both = cycle.days.of_month or days.of_month
    if len(set(both)) != 2:
        raise ScheduleError("A bill due twice a month needs its two days, such as “1, 15”.", "due_day")
    if not set(days.of_month) <= set(both):
        raise ScheduleError("The due day is none of the two days of “how often”.", "due_day")
    if first_due:
        _check_agrees(both, first_due)
    early, late = sorted(both)
    start = first_due or clamped_date(start_month.year, start_month.month, early)
    return Schedule(Unit.TWICE_A_MONTH, 1, start, early, late)


def _check_agrees(days: tuple[int, ...], first_due: dt.date) -> None:
    """Refuse a first due date on another day than the due day (31 is the 28th in February)."""
    if not is_first_date(first_due, days):
        raise ScheduleError(f"The due day is {days[0]}, but the first due date is {first_due}.", "first_due")


# --- saying it ---------------------------------------------------------------------------------
def in_words(schedule: Schedule) -> str:
    """Return the schedule for people: ``every 3 months on day 20``, ``every 2 weeks on Friday``."""
    count, unit = schedule.interval, {Unit.WEEK: "week", Unit.YEAR: "year"}.get(Unit(schedule.unit), "month")
    often = f"every {unit}" if count == 1 else f"every {count} {unit}s"
    match schedule.unit:
        case Unit.ONCE:
            return "once"
        case Unit.WEEK:
            return f"{often} on {_WEEKDAY_NAMES[schedule.start_date.weekday()]}"
        case Unit.TWICE_A_MONTH:
            return f"twice a month on days {schedule.due_day} and {schedule.second_due_day}"
        case Unit.YEAR:
            return f"{often} on {schedule.due_day} {schedule.start_date:%B}"
    return f"{often} on day {schedule.due_day}"
