"""Questions over bills, occurrences and payments; nothing here writes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from bills.models import Bill, Category, Occurrence
from bills.occurrences import computed_due, occurrences_due
from bills.states import OVERDUE, Standing, State, standing_of
from billtracker.accounts.models import Household
from billtracker.core.money import ZERO, MoneyField
from billtracker.core.periods import Month, Span

# Nothing is tracked before this day, so it bounds questions about "ever".
BEGINNING = dt.date(1970, 1, 1)
OVERDUE_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One occurrence as a person sees it: what is owed, paid and left, and where it stands."""

    occurrence: Occurrence
    paid: Decimal
    standing: Standing
    today: dt.date

    @property
    def bill(self) -> Bill:
        return self.occurrence.bill

    @property
    def category(self) -> Category | None:
        category = self.bill.category
        return category if category and not category.deleted_at else None

    @property
    def owed(self) -> Decimal:
        return self.occurrence.owed

    @property
    def currency(self) -> str:
        return self.occurrence.currency

    @property
    def left(self) -> Decimal:
        """What is still to be paid; zero once settled, skipped or assumed paid."""
        return ZERO if self.standing.is_settled else self.owed - self.paid

    @property
    def is_past_due(self) -> bool:
        """Unsettled after its due date, snoozed or not."""
        return not self.standing.is_settled and self.occurrence.due_date < self.today


def row_of(occurrence: Occurrence, household: Household, today: dt.date) -> Row:
    """Return the row of an occurrence that carries ``paid``."""
    standing = standing_of(
        occurrence,
        occurrence.paid,
        today,
        due_soon_days=household.due_soon_days,
        grace_days=household.grace_days,
    )
    return Row(occurrence, occurrence.paid, standing, today)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows of one currency.

    ``expected`` leaves skipped rows out. ``assumed`` is what autopay is taken to have paid without
    a payment on record, so expected = paid + assumed + left, but for what was paid too much.
    """

    currency: str
    expected: Decimal
    paid: Decimal
    assumed: Decimal
    left: Decimal
    overdue: Decimal
    count: int
    settled_count: int
    skipped_count: int

    @property
    def overpaid(self) -> Decimal:
        return self.paid + self.assumed + self.left - self.expected

    @property
    def settled_percent(self) -> int:
        """How much of what is expected is paid or assumed paid, 0 to 100, rounded down."""
        done = self.expected - self.left
        return int(100 * done / self.expected) if self.expected else 100


def totals_of(rows: Iterable[Row], currency: str) -> Totals:
    """Add up the rows of one currency."""
    mine = [row for row in rows if row.currency == currency]
    owed = [row for row in mine if row.standing.state != State.SKIPPED]
    assumed = [row for row in owed if row.standing.state == State.ASSUMED_PAID]
    return Totals(
        currency=currency,
        expected=sum((row.owed for row in owed), ZERO),
        paid=sum((row.paid for row in owed), ZERO),
        assumed=sum((row.owed for row in assumed), ZERO),
        left=sum((row.left for row in owed), ZERO),
        overdue=sum((row.left for row in owed if row.is_past_due), ZERO),
        count=len(owed),
        settled_count=sum(row.standing.is_settled for row in owed),
        skipped_count=len(mine) - len(owed),
    )


def all_totals(rows: Sequence[Row], first: str = "") -> list[Totals]:
    """Return the totals per currency; different currencies are never added. ``first`` leads."""
    currencies = sorted({row.currency for row in rows}, key=lambda code: (code != first, code))
    return [totals_of(rows, currency) for currency in currencies]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks to see of a month."""

    query: str = ""
    show: str = "all"
    category: int | None = None
    sort: str = "due"

    def lets_through(self, row: Row) -> bool:
        words = f"{row.bill.name} {row.category or ''} {row.occurrence.note}".casefold()
        return (
            self.query.casefold() in words
            and (self.category is None or (row.category is not None and row.category.pk == self.category))
            and SHOWN[self.show](row)
        )

    def ordered(self, rows: Iterable[Row]) -> list[Row]:
        return sorted(rows, key=SORTED[self.sort])


SHOWN = {
    "all": lambda row: True,
    "unpaid": lambda row: not row.standing.is_settled,
    "overdue": lambda row: row.is_past_due,
    "paid": lambda row: row.paid > ZERO or row.standing.state == State.ASSUMED_PAID,
    "skipped": lambda row: row.standing.state == State.SKIPPED,
}
SORTED = {
    "due": lambda row: (row.occurrence.due_date, row.bill.name.casefold()),
    "name": lambda row: (row.bill.name.casefold(), row.occurrence.due_date),
    "amount": lambda row: (row.currency, -row.owed, row.bill.name.casefold()),
    "state": lambda row: (list(State).index(row.standing.urgency), row.occurrence.due_date),
}


@dataclass(frozen=True, slots=True)
class PayPeriod:
    """The part of a month that one pay covers, with its rows."""

    span: Span
    rows: list[Row]
    totals: list[Totals]

    @property
    def due_now(self) -> list[Row]:
        """Rows to pay by today, or within the due-soon window."""
        return [row for row in self.rows if row.standing.urgency in {*OVERDUE, State.DUE_SOON}]


@dataclass(frozen=True, slots=True)
class MonthTracker:
    """A month of bills: rows by pay period, totals, and what is overdue from before."""

    month: Month
    today: dt.date
    rows: list[Row]
    periods: list[PayPeriod]
    totals: list[Totals]
    overdue: list[Row]

    @property
    def shown_count(self) -> int:
        return sum(len(period.rows) for period in self.periods)

    @property
    def overdue_shown(self) -> list[Row]:
        """The oldest of what is overdue, as many as a page can bear."""
        return self.overdue[:OVERDUE_SHOWN]

    @property
    def overdue_totals(self) -> list[Totals]:
        """Sums of everything overdue from before, shown or not."""
        return all_totals(self.overdue)


def pay_periods(month: Month, second_day: int) -> list[Span]:
    """Return the month's pay periods: from the 1st, and from ``second_day`` on."""
    middle = month.first_day.replace(day=second_day)
    return [Span(month.first_day, middle), Span(middle, month.span.end)]


def month_tracker(
    household: Household, month: Month, today: dt.date, filters: Filters | None = None
) -> MonthTracker:
    """Return everything the tracker shows of a month, as of ``today`` in the household's time zone.

    Filters choose and order the rows that are shown; totals are always the whole month's.
    """
    filters = filters or Filters()
    rows = [row_of(o, household, today) for o in occurrences_due(household, month.span)]
    shown = filters.ordered(row for row in rows if filters.lets_through(row))
    periods = [
        PayPeriod(
            span,
            [row for row in shown if row.occurrence.due_date in span],
            all_totals([row for row in rows if row.occurrence.due_date in span], household.currency),
        )
        for span in pay_periods(month, household.second_period_day)
    ]
    overdue = overdue_before(household, month.first_day, today)
    return MonthTracker(month, today, rows, periods, all_totals(rows, household.currency), overdue)


def overdue_before(household: Household, day: dt.date, today: dt.date) -> list[Row]:
    """Return what is late or missed ``today`` and was due before ``day``, the oldest first.

    Snoozed occurrences are left out until their day.
    """
    until = min(day, today)
    owed = Coalesce("override_amount", "expected_amount", output_field=MoneyField())
    rows = (
        Occurrence.objects.of_household(household)
        .filter(due_date__lt=until, skipped_at=None)
        .exclude(snoozed_until__gt=today)
        .with_paid()
        .annotate(owed_amount=owed)
        .filter(paid__lt=F("owed_amount"))
        .exclude(Q(is_autopay=True, autopay_failed_at=None, paid=ZERO))
        .select_related("bill__category")
    )
    found = [*rows, *(computed_due(household, Span(BEGINNING, until)) if until > BEGINNING else [])]
    ordered = sorted(found, key=lambda o: (o.due_date, o.bill.name.casefold(), o.pk or 0))
    return [row for o in ordered if (row := row_of(o, household, today)).standing.is_overdue]


def unpaid_rows(household: Household, today: dt.date, days_ahead: int = 45) -> list[Row]:
    """Return what is overdue or due within ``days_ahead`` days and not settled, the oldest first."""
    ahead = occurrences_due(household, Span(today, today + dt.timedelta(days=days_ahead)))
    rows = [row_of(occurrence, household, today) for occurrence in ahead]
    return overdue_before(household, today, today) + [row for row in rows if not row.standing.is_settled]


def past_and_next(bill: Bill, today: dt.date) -> QuerySet[Occurrence]:
    """Return the bill's occurrences up to 62 days ahead, the latest first, each with ``paid``."""
    rows = bill.occurrences.filter(due_date__lte=today + dt.timedelta(days=62))
    return rows.with_paid().select_related("bill__category").order_by("-due_date", "-pk")


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """What a bill cost in one month."""

    month: Month
    owed: Decimal
    paid: Decimal


def twelve_months(bill: Bill, today: dt.date) -> list[MonthAmount]:
    """Return what was owed and paid for the bill in each of the twelve months up to this one."""
    months = [Month.of(today)]
    while len(months) < 12:
        months.insert(0, months[0].previous)
    span = Span(months[0].first_day, months[-1].span.end)
    owed, paid = dict.fromkeys(months, ZERO), dict.fromkeys(months, ZERO)
    for occurrence in bill.occurrences.due_in(span).filter(skipped_at=None).with_paid():
        month = Month.of(occurrence.due_date)
        owed[month] += occurrence.owed
        paid[month] += occurrence.paid
    return [MonthAmount(month, owed[month], paid[month]) for month in months]
