"""The rule of the retainer cycle: what an engagement is billed for a month, or why it is not.

Nothing here reads or writes anything: the same terms, fees and month always give the same answer, so
that a preview, a run and a test cannot differ.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from billing.models import Engagement
from billing.rules.dates_in_words import day_words, period_words
from billtracker.core.money import exact, round_money
from billtracker.core.periods import Month, Span, clamped_date, month_after

Status, Timing, Partial = Engagement.Status, Engagement.Timing, Engagement.PartialPeriods
ONE_DAY = dt.timedelta(days=1)
PLACEHOLDER = "{period}"

# The fee from a day on: (day, amount in the client's currency), in any order.
Fee = tuple[dt.date, Decimal]


@dataclass(frozen=True, slots=True)
class Terms:
    """What of an engagement and its client decides about its billing."""

    title: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    description: str = ""
    status: str = Status.ACTIVE
    interval_months: int = 1
    billing_day: int = 1
    timing: str = Timing.ADVANCE
    partial_periods: str = Partial.FULL
    currency: str = "USD"
    is_client_active: bool = True

    @property
    def first_day_after(self) -> dt.date:
        """The first day that is not billed any more."""
        return dt.date.max if self.ends_on in (None, dt.date.max) else self.ends_on + ONE_DAY


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """A draft to be made: its period, its one line, and the issue date it proposes."""

    period_start: dt.date
    period_end: dt.date  # the first day after
    description: str
    amount: Decimal
    issue_date: dt.date


@dataclass(frozen=True, slots=True)
class SkippedStatement:
    """A period that falls in the month and is not billed, and why."""

    period_start: dt.date
    reason: str


def plan(terms: Terms, fees: Sequence[Fee], month: Month) -> PlannedStatement | SkippedStatement | None:
    """Say what is billed for the period that begins in the month; None when none begins in it.

    A fee that is no exact amount of the currency raises MoneyError.
    """
    if not _begins_in(terms, month):
        return None
    period = period_of(month, terms.interval_months)
    if reason := _obstacle(terms, period):
        return SkippedStatement(period.start, reason)
    billed = _billed_days(terms, period)
    fee = _fee_on(fees, billed.start)
    if fee is None:
        return SkippedStatement(period.start, f"No fee is in force on {day_words(billed.start)}.")
    is_prorated = terms.partial_periods == Partial.PRORATED and billed != period
    amount = exact(fee, terms.currency)
    if is_prorated:
        amount = round_money(amount * _length(billed) / _length(period), terms.currency)
    if not amount:
        return SkippedStatement(period.start, "The fee is zero.")
    words = _description(terms, billed if is_prorated else period)
    return PlannedStatement(period.start, period.end, words, amount, issue_date(terms, period))


def _begins_in(terms: Terms, month: Month) -> bool:
    """Say whether a period begins in the month, counted from the one in which the engagement starts."""
    first = terms.starts_on
    return ((month.year - first.year) * 12 + month.month - first.month) % terms.interval_months == 0


@lru_cache(maxsize=256)
def period_of(month: Month, interval_months: int) -> Span:
    """Return that many whole months from the month's first day."""
    return Span(month.first_day, dt.date(*month_after(month.year, month.month, interval_months), 1))


def _obstacle(terms: Terms, period: Span) -> str:
    """Return why the period is not billed, as a sentence; empty when nothing is in its way.

    Every reason that does not hang on the fee stands here, the weightiest first. A shut month is not
    the engagement's reason: ``reports.cycle`` knows of it.
    """
    if not terms.is_client_active:
        return "The client is inactive."
    if terms.status != Status.ACTIVE:
        return f"The engagement is {terms.status}."
    if terms.starts_on >= period.end:
        return f"It starts later, on {day_words(terms.starts_on)}."
    if terms.first_day_after <= period.start:
        return f"It ended on {day_words(terms.first_day_after - ONE_DAY)}."
    if terms.partial_periods == Partial.SKIP and _billed_days(terms, period) != period:
        return "The period is a partial one, and these are not billed."
    return ""


def _billed_days(terms: Terms, period: Span) -> Span:
    """Return the days of the period in which the engagement runs; call it when there are any."""
    if terms.starts_on <= period.start and terms.first_day_after >= period.end:
        return period
    return Span(max(period.start, terms.starts_on), min(period.end, terms.first_day_after))


def _length(span: Span) -> int:
    """Return how many days the span has."""
    return (span.end - span.start).days


def _fee_on(fees: Sequence[Fee], day: dt.date) -> Decimal | None:
    """Return the fee of the step in force on that day, None before the first one."""
    in_force = [fee for fee in fees if fee[0] <= day]
    return max(in_force)[1] if in_force else None


def _description(terms: Terms, days: Span) -> str:
    """Return the line's words, with the days where the text has its placeholder."""
    text = terms.description or f"{terms.title}, {PLACEHOLDER}"
    return text.replace(PLACEHOLDER, words_of(days.start, days.end)) if PLACEHOLDER in text else text


words_of = lru_cache(maxsize=256)(period_words)


@lru_cache(maxsize=256)
def day_of_month(year: int, month: int, day: int) -> dt.date:
    return clamped_date(year, month, day)


def issue_date(terms: Terms, period: Span) -> dt.date:
    """Return the billing day, in advance of the period's first month or in arrears of the month after it.

    Never before the engagement's start, which a first period of a part of a month may lie behind.
    """
    month = period.start if terms.timing == Timing.ADVANCE else period.end
    return max(day_of_month(month.year, month.month, terms.billing_day), terms.starts_on)
