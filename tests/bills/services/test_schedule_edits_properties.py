"""Random histories of a bill beside a model without a database: each cycle is owed once, and none is lost.

The model tests every single day against the schedule instead of computing dates, and measures cycles as
fractions. It knows nothing of rows, horizons of a worker or what is moved in place.
"""

import calendar
import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bills import services
from bills.models import Bill
from tests.factories import make_household, make_user

pytestmark = [pytest.mark.engines("sqlite", "postgresql"), pytest.mark.django_db]
D = dt.date
DAY = dt.timedelta(days=1)
FIRST_TODAY = D(2026, 11, 28)
MIDDLE_OF_JUNE, BEGIN_OF_JUNE = D(2026, 6, 15), D(2026, 6, 1)
AHEAD = 24 * 31


# --- the model -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rule:
    """The fields of a bill that people change."""

    unit: str = "month"
    interval: int = 1
    start: D = MIDDLE_OF_JUNE
    day: int = 15
    second_day: int = 28
    end: D | None = None
    tracked: D = BEGIN_OF_JUNE
    amount: Decimal = Decimal("100.00")
    currency: str = "USD"
    active: bool = True

    @property
    def dates(self) -> tuple:
        return (
            self.unit,
            self.interval,
            self.start,
            self.fields["due_day"],
            self.fields["second_due_day"],
            self.end,
            self.tracked,
        )

    @property
    def fields(self) -> dict:
        has_day = self.unit not in ("week", "once")
        return {
            "unit": self.unit, "interval": self.interval, "start_date": self.start,
            "due_day": self.day if has_day else None,
            "second_due_day": self.second_day if self.unit == "twice_a_month" else None,
            "end_date": self.end, "tracked_from": self.tracked, "expected_amount": self.amount,
            "currency": self.currency, "is_active": self.active,
        }  # fmt: skip

    def halves(self, day: D) -> tuple[D, D]:
        first, second = (on(day, number) for number in sorted((self.day, self.second_day)))
        return (first - DAY if first == second else first), second

    def is_due(self, day: D) -> bool:
        if day < max(self.start, self.tracked) or (self.end and day > self.end):
            return False
        months = 12 * (day.year - self.start.year) + day.month - self.start.month
        return {
            "once": day == self.start,
            "week": (day - self.start).days % (7 * self.interval) == 0,
            "month": day == on(day, self.day) and months % self.interval == 0,
            "year": day == on(day, self.day) and months % (12 * self.interval) == 0,
            "twice_a_month": day in self.halves(day),
        }[self.unit]

    def piece(self, day: D) -> "Piece":
        if self.unit == "once":
            return Piece("once", Fraction(0), Fraction(0))
        if self.unit == "week":
            return Piece("days", Fraction(day.toordinal() - day.weekday()), Fraction(7 * self.interval))
        month = Fraction(12 * day.year + day.month - 1)
        if self.unit == "twice_a_month":
            return Piece("months", month + Fraction(self.halves(day).index(day), 2), Fraction(1, 2))
        return Piece("months", month, Fraction(self.interval * (12 if self.unit == "year" else 1)))


def on(month: D, day: int) -> D:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


@dataclass(frozen=True)
class Piece:
    """What a due date stands for, in days or in months."""

    measure: str
    start: Fraction
    length: Fraction

    def in_days(self) -> "Piece":
        if self.measure == "days":
            return self
        edges = []
        for month in (self.start, self.start + self.length):
            whole, half = int(month), month % 1
            edges.append(D(whole // 12, whole % 12 + 1, 16 if half else 1).toordinal())
        return Piece("days", Fraction(edges[0]), Fraction(edges[1] - edges[0]))


def is_same(new: tuple[D, Piece], old: tuple[D, Piece]) -> bool:
    (new_day, one), (old_day, other) = new, old
    if new_day == old_day or one == other:
        return True
    if "once" in (one.measure, other.measure):
        day, piece = (new_day, other) if one.measure == "once" else (old_day, one)
        days = piece.in_days()
        return days.start <= day.toordinal() < days.start + days.length
    if one.measure != other.measure:
        one, other = one.in_days(), other.in_days()
    if one.length <= other.length:
        return other.start < one.start + one.length / 2 <= other.start + other.length
    return one.start <= other.start + other.length / 2 < one.start + one.length


@dataclass
class Owed:
    """A due date of the model."""

    day: D
    piece: Piece
    amount: Decimal
    currency: str
    payments: set = field(default_factory=set)
    is_skipped: bool = False
    snoozed: D | None = None

    @property
    def is_touched(self) -> bool:
        return bool(self.payments or self.is_skipped or self.snoozed)

    @property
    def facts(self) -> tuple:
        return (self.day, self.amount, self.currency, len(self.payments), self.is_skipped, self.snoozed)


class Model:
    """A bill as people think of it."""

    def __init__(self, rule: Rule, today: D):
        self.rule, self.today, self.owed, self.open_from = rule, today, [], rule.tracked
        self.wait_until(today)

    def due_days(self, rule: Rule, first: D, last: D) -> list[tuple[D, Piece]]:
        days = (first + n * DAY for n in range((last - first).days + 1))
        return [(day, rule.piece(day)) for day in days if rule.is_due(day)]

    def add(self, days: list[tuple[D, Piece]]) -> None:
        for day, piece in days:
            if not any(is_same((day, piece), (one.day, one.piece)) for one in self.owed):
                self.owed.append(Owed(day, piece, self.rule.amount, self.rule.currency))

    def wait_until(self, day: D) -> None:
        self.today = day
        if self.rule.active:
            self.add(self.due_days(self.rule, self.open_from, horizon(day)))
            self.open_from = max(self.open_from, horizon(day) + DAY)

    def edit(self, rule: Rule, past: str) -> None:
        self.wait_until(self.today)
        old, self.rule = self.rule, rule
        if rule == old:
            return
        follows = past == "follow" and rule.dates != old.dates
        loose = [one for one in self.owed if not one.is_touched and (one.day >= self.today or follows)]
        self.owed = [one for one in self.owed if one not in loose]
        before = self.today - DAY
        if follows:
            was = self.due_days(old, old.tracked, before)
            for day in self.due_days(rule, rule.tracked, before):
                moved = any(is_same(day, (one.day, one.piece)) for one in loose)
                if moved or not any(is_same(day, one) for one in was):
                    known = next((one for one in loose if one.day == day[0]), None)
                    self.add([day])
                    if known and self.owed[-1].day == day[0]:
                        self.owed[-1].amount, self.owed[-1].currency = known.amount, known.currency
        self.open_from = self.today
        if rule.active:
            self.add(self.due_days(rule, self.today, horizon(self.today)))
            self.open_from = horizon(self.today) + DAY

    def state(self) -> list[tuple]:
        return sorted(one.facts for one in self.owed)


def horizon(day: D) -> D:
    months = 12 * day.year + day.month - 1 + 13
    return on(D(months // 12, months % 12 + 1, 1), day.day)


# --- random histories ----------------------------------------------------------------------------
near = st.dates(D(2026, 3, 1), D(2027, 6, 30))
numbers = st.integers(0, 40)
changes = st.one_of(
    st.builds(
        lambda unit, n: {"unit": unit, "interval": n if unit in ("week", "month", "year") else 1},
        st.sampled_from(["week", "week", "month", "month", "year", "twice_a_month", "once"]),
        st.integers(1, 3),
    ),
    st.builds(lambda day: {"day": day}, st.integers(1, 31)),
    st.builds(lambda start: {"start": start}, near),
    st.builds(lambda start: {"start": start, "day": start.day}, near),
    st.builds(lambda end: {"end": end}, st.none() | near),
    st.builds(lambda day: {"tracked": day}, st.dates(D(2026, 3, 1), D(2026, 12, 31))),
    st.builds(lambda amount: {"amount": Decimal(amount)}, st.sampled_from(["80.00", "100.00", "120.00"])),
    st.builds(lambda currency: {"currency": currency}, st.sampled_from(["USD", "EUR"])),
    st.builds(lambda active: {"active": active}, st.booleans()),
)
steps = st.one_of(
    st.tuples(st.just("edit"), changes, st.sampled_from(["keep", "follow"])),
    st.tuples(st.just("edit"), changes, st.sampled_from(["keep", "follow"])),
    st.tuples(st.just("pay"), numbers),
    st.tuples(st.just("pay and undo"), numbers),
    st.tuples(st.just("undo"), numbers),
    st.tuples(st.just("skip"), numbers),
    st.tuples(st.just("snooze"), numbers, st.integers(1, 60)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
)


class History:
    """One bill in the database and its model, which go through the same steps."""

    def __init__(self):
        self.user = make_user()
        self.household = make_household(self.user)
        rule = Rule()
        bill = Bill(household=self.household, name="Rent", **rule.fields)
        self.bill = services.save_bill(actor=self.user, bill=bill, today=FIRST_TODAY)
        self.model = Model(rule, FIRST_TODAY)
        self.payments: list = []

    def rows(self):
        return self.bill.occurrences.with_paid().order_by("scheduled_date")

    def pick(self, number: int):
        """Give the row and the model's due date of that number, counted round and round."""
        rows = list(self.rows().select_related("bill__household"))
        if not rows:
            return None, None
        row = rows[number % len(rows)]
        return row, next(one for one in self.model.owed if one.day == row.scheduled_date)

    def edit(self, change: dict, past: str) -> None:
        rule = replace(self.model.rule, **change)
        if rule.day == rule.second_day:
            rule = replace(rule, second_day=rule.day % 31 + 1)
        bill = Bill.objects.select_related("household").get(pk=self.bill.pk)
        for name, value in rule.fields.items():
            setattr(bill, name, value)
        services.save_bill(actor=self.user, bill=bill, today=self.model.today, past=past)
        self.model.edit(rule, past)

    def pay(self, number: int) -> None:
        row, owed = self.pick(number)
        if row is None or row.is_skipped:
            return
        payment = services.record_payment(
            actor=self.user,
            household=self.household,
            splits=[(row, Decimal("30.00"))],
            paid_on=FIRST_TODAY,
            currency=row.currency,
        )
        owed.payments.add(payment.pk)
        self.payments.append((payment, owed))

    def undo(self, number: int) -> None:
        if self.payments:
            payment, owed = self.payments.pop(number % len(self.payments))
            assert services.delete_payments(actor=self.user, payments=[payment]) == 1
            owed.payments.remove(payment.pk)

    def pay_and_undo(self, number: int) -> None:
        """Undo gives the exact earlier state, whatever else was paid."""
        before = list(self.rows().values())
        paid = len(self.payments)
        self.pay(number)
        if len(self.payments) > paid:
            self.undo(paid)
        assert list(self.rows().values()) == before

    def skip(self, number: int) -> None:
        row, owed = self.pick(number)
        if row is not None and not row.paid:
            services.skip_occurrence(actor=self.user, occurrence=row)
            owed.is_skipped = True

    def snooze(self, number: int, days: int) -> None:
        row, owed = self.pick(number)
        if row is not None:
            owed.snoozed = self.model.today + days * DAY
            services.snooze_occurrence(
                actor=self.user, occurrence=row, until=owed.snoozed, today=self.model.today
            )

    def wait(self, days: int) -> None:
        day = self.model.today + days * DAY
        services.make_due_occurrences(household=self.household, today=day)
        self.model.wait_until(day)

    def check(self) -> None:
        rows = list(self.rows())
        state = [
            (
                r.scheduled_date,
                r.expected_amount,
                r.currency,
                r.splits.live().count(),
                r.is_skipped,
                r.snoozed_until,
            )
            for r in rows
        ]
        assert state == self.model.state()
        self.check_none_is_lost()
        self.check_none_is_owed_twice()

    def check_none_is_lost(self) -> None:
        model = self.model
        if model.rule.active:
            for day in model.due_days(model.rule, model.today, horizon(model.today)):
                assert any(is_same(day, (one.day, one.piece)) for one in model.owed)

    def check_none_is_owed_twice(self) -> None:
        """What nobody touched and is ahead stands for the cycle of no other due date."""
        model = self.model
        for one in model.owed:
            if one.day >= model.today and not one.is_touched:
                others = [other for other in model.owed if other is not one]
                assert not any(is_same((one.day, one.piece), (o.day, o.piece)) for o in others)


# Making a failing history shorter takes minutes; the first one found is short enough to read.
@settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(history=st.lists(steps, min_size=1, max_size=10))
def test_whatever_happens_to_a_bill_each_cycle_is_owed_once(db, history):
    """B3 B4: a model agrees after each step, and for what comes due within 24 months."""
    bill = History()
    for name, *values in history:
        getattr(bill, name.replace(" ", "_"))(*values)
        bill.check()
    for _ in range(3):
        bill.wait(AHEAD // 3)
        bill.check()
