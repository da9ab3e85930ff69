"""Bills that nobody entered: one payee, at least three payments, a steady interval."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from banksync.matching.bank_lines import BankLine
from banksync.matching.eligibility import why_line_ineligible
from banksync.matching.intervals import Interval, Rhythm, find_rhythm
from banksync.matching.payees import SIMILAR_FROM, name_similarity
from banksync.matching.rules import MatchRule, names_a_payee
from billtracker.core.money import ZERO, round_money, to_display

MIN_PAYMENTS = 3
# Years of a payee say no more than its latest payments, and cost time.
LATEST = 36
# How far amounts may lie from the usual one: the more payments, the less it can be chance.
_FEW_PAYMENTS, _SPREAD_OF_FEW, _SPREAD_OF_MANY = 5, Decimal("0.25"), Decimal("0.60")


@dataclass(frozen=True, slots=True)
class RecurringPayee:
    """A bill to suggest: who is paid, how often, how much, when next, and what says so."""

    payee: str
    currency: str
    interval: Interval
    amount: Decimal  # the latest one, or the usual one where it varies
    is_variable: bool
    next_date: dt.date
    line_ids: tuple[int, ...]  # from the first payment to the last
    evidence: tuple[str, ...]


def find_recurring_payees(
    *,
    lines: Iterable[BankLine],
    known_names: Iterable[str] = (),
    rules: Iterable[MatchRule] = (),
    today: dt.date,
) -> tuple[RecurringPayee, ...]:
    """Return the bills that these lines suggest, sorted by payee, without those that exist.

    ``known_names`` are the names of bills and payees that exist. A payee that missed its last date is
    left out: it was cancelled.
    """
    names, known_rules = tuple(known_names), tuple(rules)
    groups: dict[tuple[str, str], list[BankLine]] = defaultdict(list)
    for line in lines:
        if not why_line_ineligible(line) and line.is_money_out and line.used == ZERO:
            groups[line.payee, line.currency].append(line)
    found = []
    for (payee, _), group in sorted(groups.items()):
        if not _is_known(payee, group, names, known_rules):
            found += _recurring_in(group, today)
    return tuple(sorted(found, key=lambda one: (one.payee, one.currency, one.next_date, one.line_ids)))


def _is_known(payee: str, group: list[BankLine], names: Sequence[str], rules: Sequence[MatchRule]) -> bool:
    """Say whether a bill of this payee exists, or the words name no payee at all."""
    if not names_a_payee(payee):
        return True
    return any(name_similarity(payee, name) >= SIMILAR_FROM for name in names) or any(
        rule.fits(group[0]) for rule in rules
    )


def _recurring_in(group: list[BankLine], today: dt.date) -> list[RecurringPayee]:
    """Return what recurs among the payments to one payee: all of them, or those of one amount each."""
    if all_of_them := _judge_series(group, today):
        return [all_of_them]
    by_amount = defaultdict(list)
    for line in group:
        by_amount[line.amount].append(line)
    series = (_judge_series(lines, today) for _, lines in sorted(by_amount.items()))
    return [one for one in series if one]


def _judge_series(lines: list[BankLine], today: dt.date) -> RecurringPayee | None:
    """Return the bill that this series of payments makes; None where it is none."""
    dated = sorted((line.day, line.id, line) for line in lines if line.day)[-LATEST:]
    series = [line for _, _, line in dated]
    amounts = [-line.amount for line in series]
    if len(series) < MIN_PAYMENTS or not _are_alike(amounts):
        return None
    # A price that stands for three payments is a price, whatever it was before.
    is_variable = len(set(amounts[-MIN_PAYMENTS:])) > 1
    rhythm = find_rhythm([day for day, _, _ in dated], is_strict=is_variable)
    if rhythm is None or rhythm.has_ended(today):
        return None
    return RecurringPayee(
        payee=series[0].payee,
        currency=series[0].currency,
        interval=rhythm.interval,
        amount=_usual(amounts, series[0].currency) if is_variable else amounts[-1],
        is_variable=is_variable,
        next_date=rhythm.next_date,
        line_ids=tuple(line.id for line in series),
        evidence=_describe(series, rhythm, is_variable),
    )


def _are_alike(amounts: list[Decimal]) -> bool:
    spread = _SPREAD_OF_FEW if len(amounts) <= _FEW_PAYMENTS else _SPREAD_OF_MANY
    usual = median(amounts)
    return all(abs(amount - usual) <= spread * usual for amount in amounts)


def _usual(amounts: list[Decimal], currency: str) -> Decimal:
    return round_money(median(amounts), currency)


def _describe(series: list[BankLine], rhythm: Rhythm, is_variable: bool) -> tuple[str, ...]:
    amounts, currency = [-line.amount for line in series], series[0].currency
    low, high, last = (to_display(amount, currency) for amount in (min(amounts), max(amounts), amounts[-1]))
    if is_variable:
        how_much = f"Between {low} and {high}, usually {to_display(_usual(amounts, currency), currency)}"
    else:
        how_much = f"Always {last}" if low == high else f"The last {MIN_PAYMENTS} times {last}"
    first = rhythm.first_date
    return (
        f"Paid {len(series)} times since {first.day} {first:%B %Y}",
        f"Repeats {rhythm.interval}",
        how_much,
    )
