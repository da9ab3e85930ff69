"""The rule of the retainer cycle, number by number, and what holds for every engagement."""

import datetime as dt
from calendar import monthrange
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.reports.retainer_cycle import parse_month
from billing.rules.retainer_cycle import PlannedStatement, SkippedStatement, Terms, period_of, plan
from billtracker.core.exceptions import DomainError
from billtracker.core.money import MoneyError
from billtracker.core.periods import Month

D = dt.date
FEE = [(D(2000, 1, 1), Decimal("1000.00"))]


def terms(**overrides) -> Terms:
    return Terms(**{"title": "Books", "starts_on": D(2025, 1, 1), **overrides})


def answer(month: str, fees=FEE, **overrides):
    return plan(terms(**overrides), fees, parse_month(month))


# --- which month -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "interval", "months"),
    [
        (D(2025, 2, 10), 3, [2, 5, 8, 11]),
        (D(2025, 1, 1), 1, list(range(1, 13))),
        (D(2024, 12, 31), 2, [2, 4, 6, 8, 10, 12]),
        (D(2023, 11, 1), 6, [5, 11]),
        (D(2024, 2, 29), 12, [2]),
    ],
)
def test_the_interval_counts_from_the_month_in_which_the_engagement_starts(start, interval, months):
    found = [
        n for n in range(1, 13) if plan(terms(starts_on=start, interval_months=interval), FEE, Month(2025, n))
    ]
    assert found == months


@pytest.mark.parametrize(
    ("month", "interval", "end"),
    [
        ("2025-09", 1, D(2025, 10, 1)),
        ("2025-11", 3, D(2026, 2, 1)),
        ("2024-02", 12, D(2025, 2, 1)),
        ("2025-12", 1, D(2026, 1, 1)),
        ("2025-12", 6, D(2026, 6, 1)),
    ],
)
def test_a_period_is_whole_months_from_the_first(month, interval, end):
    period = period_of(parse_month(month), interval)
    assert (period.start, period.end) == (parse_month(month).first_day, end)


# --- how much ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("month", "overrides", "amount"),
    [
        ("2025-09", {}, "1000.00"),
        # 22 of 31 days: 709.677...
        ("2025-03", {"starts_on": D(2025, 3, 10), "partial_periods": "prorated"}, "709.68"),
        ("2025-03", {"starts_on": D(2025, 3, 10), "partial_periods": "full"}, "1000.00"),
        # 15 of 30 days, and the last day itself counts.
        ("2025-09", {"ends_on": D(2025, 9, 15), "partial_periods": "prorated"}, "500.00"),
        ("2025-09", {"ends_on": D(2025, 9, 30), "partial_periods": "skip"}, "1000.00"),
        ("2025-09", {"starts_on": D(2025, 9, 30), "partial_periods": "prorated"}, "33.33"),
        # 92 days of February to April less nine: 80 of 89.
        (
            "2025-02",
            {"starts_on": D(2025, 2, 10), "interval_months": 3, "partial_periods": "prorated"},
            "898.88",
        ),
        # Begins and ends within one month: 11 of 28.
        (
            "2025-02",
            {"starts_on": D(2025, 2, 10), "ends_on": D(2025, 2, 20), "partial_periods": "prorated"},
            "392.86",
        ),
        ("2025-09", {"ends_on": D(2025, 9, 15), "partial_periods": "prorated", "currency": "JPY"}, "500"),
    ],
)
def test_a_partial_period_is_billed_by_its_policy(month, overrides, amount):
    assert str(answer(month, **overrides).amount) == amount


def test_a_tie_is_rounded_half_up_once():
    fees = [(D(2025, 1, 1), Decimal("0.05"))]
    given = answer("2025-09", fees, ends_on=D(2025, 9, 15), partial_periods="prorated")
    assert given.amount == Decimal("0.03")


@pytest.mark.parametrize(
    ("month", "start", "amount"),
    [
        ("2025-05", D(2025, 1, 1), "100"),
        ("2025-06", D(2025, 1, 1), "200"),  # a step on the first day of the period counts
        ("2025-07", D(2025, 1, 1), "200"),  # one within it waits for the next period
        ("2025-08", D(2025, 1, 1), "300"),
        ("2025-07", D(2025, 7, 20), "300"),  # a first period goes by the day on which the work begins
    ],
)
def test_the_fee_is_that_of_the_step_in_force_at_the_periods_start(month, start, amount):
    fees = [
        (D(2025, 7, 15), Decimal(300)),
        (D(2025, 1, 1), Decimal(100)),
        (D(2025, 6, 1), Decimal(200)),
    ]
    assert answer(month, fees, starts_on=start).amount == Decimal(amount)


def test_a_fee_finer_than_the_currency_is_refused_even_where_it_would_be_rounded():
    for policy in ("full", "prorated"):
        with pytest.raises(MoneyError):
            answer(
                "2025-01",
                [(D(2025, 1, 1), Decimal("10.001"))],
                starts_on=D(2025, 1, 9),
                partial_periods=policy,
            )


# --- when --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("month", "day", "timing", "interval", "issued"),
    [
        ("2025-09", 1, "advance", 1, D(2025, 9, 1)),
        ("2025-09", 31, "advance", 1, D(2025, 9, 30)),
        ("2025-02", 30, "advance", 1, D(2025, 2, 28)),
        ("2024-02", 30, "advance", 1, D(2024, 2, 29)),
        ("2025-12", 31, "arrears", 1, D(2026, 1, 31)),
        ("2025-01", 31, "arrears", 1, D(2025, 2, 28)),
        ("2025-11", 29, "arrears", 3, D(2026, 2, 28)),
        ("2025-11", 15, "advance", 3, D(2025, 11, 15)),
    ],
)
def test_the_billing_day_is_the_proposed_issue_date(month, day, timing, interval, issued):
    start = parse_month(month).first_day
    given = answer(month, starts_on=start, billing_day=day, timing=timing, interval_months=interval)
    assert given.issue_date == issued


# --- what it says ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({}, "Books, September 2025"),
        ({"description": "Fee for {period}."}, "Fee for September 2025."),
        ({"description": "{period} and {period}"}, "September 2025 and September 2025"),
        ({"description": "Retainer {x} {0}"}, "Retainer {x} {0}"),
        (
            {"ends_on": D(2025, 9, 15), "partial_periods": "prorated"},
            "Books, 1 September 2025 – 15 September 2025",
        ),
        ({"ends_on": D(2025, 9, 15), "partial_periods": "full"}, "Books, September 2025"),
    ],
)
def test_the_description_names_the_period_that_is_billed(overrides, words):
    assert answer("2025-09", **overrides).description == words


# --- why not -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"is_client_active": False}, "The client is inactive."),
        ({"status": "suspended"}, "The engagement is suspended."),
        ({"status": "ended"}, "The engagement is ended."),
        ({"starts_on": D(2025, 10, 1)}, "It starts later, on 1 October 2025."),
        ({"ends_on": D(2025, 8, 31)}, "It ended on 31 August 2025."),
        (
            {"starts_on": D(2025, 9, 2), "partial_periods": "skip"},
            "The period is a partial one, and these are not billed.",
        ),
        (
            {"ends_on": D(2025, 9, 29), "partial_periods": "skip"},
            "The period is a partial one, and these are not billed.",
        ),
        ({"fees": []}, "No fee is in force on 1 September 2025."),
        ({"fees": [(D(2025, 9, 2), Decimal(5))]}, "No fee is in force on 1 September 2025."),
        ({"fees": [(D(2025, 1, 1), Decimal(0))]}, "The fee is zero."),
    ],
)
def test_what_is_not_billed_says_why(overrides, reason):
    given = answer("2025-09", **{"fees": FEE, **overrides})
    assert given == SkippedStatement(D(2025, 9, 1), reason)


def test_a_fee_that_rounds_to_nothing_is_no_statement_of_zero():
    fees = [(D(2025, 1, 1), Decimal("0.01"))]
    assert answer("2025-09", fees, starts_on=D(2025, 9, 30), partial_periods="prorated") == SkippedStatement(
        D(2025, 9, 1), "The fee is zero."
    )


# --- what always holds -------------------------------------------------------------------------
days = st.dates(D(2019, 1, 1), D(2033, 12, 31))
months = st.builds(Month, st.integers(2020, 2032), st.integers(1, 12))
intervals = st.sampled_from([1, 2, 3, 6, 12])
amounts = st.decimals("0.01", "99999999.99", places=2)


@given(fee=amounts, month=months, interval=intervals, data=st.data())
def test_the_two_parts_of_a_split_period_add_up_to_the_fee_within_a_cent(fee, month, interval, data):
    # Both parts begin in this month, so both bill the period that begins in it.
    last = data.draw(st.dates(month.first_day, month.next.first_day - dt.timedelta(days=2)))
    fees, shared = [(D(2000, 1, 1), fee)], {"partial_periods": "prorated", "interval_months": interval}
    first = terms(starts_on=D(2008, month.month, 1), ends_on=last, **shared)
    second = terms(starts_on=last + dt.timedelta(days=1), **shared)
    answers = [plan(part, fees, month) for part in (first, second)]
    parts = [part.amount for part in answers if isinstance(part, PlannedStatement)]
    assert abs(sum(parts) - fee) <= Decimal("0.01")


@given(fee=amounts, start=days, end=st.none() | days, month=months, interval=intervals, data=st.data())
def test_an_amount_is_never_above_the_fee_and_never_zero(fee, start, end, month, interval, data):
    if end is not None and end < start:
        start, end = end, start
    policy = data.draw(st.sampled_from(["full", "prorated", "skip"]))
    given = plan(
        terms(starts_on=start, ends_on=end, interval_months=interval, partial_periods=policy),
        [(D(2000, 1, 1), fee)],
        month,
    )
    if isinstance(given, PlannedStatement):
        assert 0 < given.amount <= fee
        assert given.period_start < given.period_end
        assert start < given.period_end
        assert end is None or end >= given.period_start
    elif given is None:
        assert interval > 1


@given(start=days, interval=intervals)
def test_consecutive_periods_neither_overlap_nor_leave_a_gap(start, interval):
    month, periods = Month.of(start), []
    for _ in range(30):
        given = plan(terms(starts_on=start, interval_months=interval), FEE, month)
        periods += [(given.period_start, given.period_end)] if given else []
        month = month.next
    assert periods[0][0] == start.replace(day=1)
    assert all(end == following for (_, end), (following, _) in pairwise(periods))


@given(month=months, day=st.integers(29, 31), timing=st.sampled_from(["advance", "arrears"]))
def test_late_billing_days_fall_on_the_last_day_of_shorter_months(month, day, timing):
    given = plan(terms(starts_on=D(2019, 1, 1), billing_day=day, timing=timing), FEE, month)
    due = month if timing == "advance" else month.next
    assert Month.of(given.issue_date) == due
    assert given.issue_date.day == min(day, monthrange(due.year, due.month)[1])


# --- months as people write them ---------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "2025-13",
        "2025-00",
        "abcd-ef",
        "",
        "0000-01",
        "2025-9",
        "25-09",
        "2025-09-01",
        "２０２５-09",
        " 2025-09",
        "2025-09\n",
        "9999-12",
        "1969-12",
        "-2025-09",
        "2025/09",
    ],
)
def test_what_is_no_month_is_refused_in_one_sentence(text):
    with pytest.raises(DomainError, match="is not a month") as error:
        parse_month(text)
    assert "\n" not in error.value.sentence


def test_a_month_is_read():
    assert parse_month("2025-09") == Month(2025, 9)
