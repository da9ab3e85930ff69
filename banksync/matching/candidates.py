"""Pairs of a bank line and what it may belong to, each with its score and its reasons."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal

from banksync.matching.amounts import Fit, judge_amount, settled_amount
from banksync.matching.bank_lines import BankLine
from banksync.matching.eligibility import why_line_ineligible, why_pair_ineligible
from banksync.matching.payees import judge_payee
from banksync.matching.rules import MatchRule
from banksync.matching.targets import DueItem, Target, TargetKey
from banksync.matching.windows import DAYS_AFTER, DAYS_BEFORE, describe_distance, window_around

# A line and a target that a person said do not belong together, by id and key.
RejectedPair = tuple[int, TargetKey]

_AMOUNT_POINTS = {Fit.EXACT: 300, Fit.USUAL: 250, Fit.CLOSE: 100, Fit.UNKNOWN: 50}
# Less the square of the distance in days: of two equal payments each then goes to its nearest date.
_DATE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that could be a match; ``agrees`` where payee, date and amount leave no doubt."""

    line: BankLine
    target: Target
    amount: Decimal
    score: int
    reasons: tuple[str, ...]
    agrees: bool


def find_candidates(
    lines: Iterable[BankLine],
    targets: Iterable[Target],
    rules: Iterable[MatchRule],
    rejected: Set[RejectedPair],
    today: dt.date,
) -> list[Candidate]:
    """Return every pair that is possible and was not rejected, in the order of ids."""
    known_rules = defaultdict(list)
    for rule in rules:
        known_rules[rule.kind, rule.bill_id].append(rule)
    dated = sorted(targets, key=lambda target: (_day_of(target), target.key))
    days = [_day_of(target) for target in dated]
    found = []
    for line in sorted(lines, key=lambda line: line.id):
        for target in _near(line, dated, days):
            if (line.id, target.key) in rejected:
                continue
            own_rules = known_rules[target.kind, target.bill_id]
            if candidate := judge_pair(line, target, own_rules, today):
                found.append(candidate)
    return sorted(found, key=lambda candidate: (candidate.line.id, candidate.target.key))


def judge_pair(
    line: BankLine, target: Target, rules: Iterable[MatchRule], today: dt.date
) -> Candidate | None:
    """Return the pair with its score and reasons; None where it is out of the question."""
    if why_pair_ineligible(line, target) or line.day is None:
        return None
    first, last = window_around(_day_of(target), _period_of(target))
    amount = judge_amount(line, target)
    if not first <= line.day <= last or amount is None:
        return None
    payee = judge_payee(line, target, rules, today)
    if amount.fit == Fit.UNKNOWN and not payee.points:
        return None  # A date alone says nothing.
    late = (line.day - _day_of(target)).days
    reference = "the due date" if isinstance(target, DueItem) else "the day of the recorded payment"
    reasons = (payee.reason, describe_distance(late, reference), amount.reason)
    return Candidate(
        line,
        target,
        settled_amount(line, target),
        score=payee.points + _DATE_POINTS - late**2 + _AMOUNT_POINTS[amount.fit],
        reasons=tuple(reason for reason in reasons if reason),
        agrees=amount.agrees and _payee_agrees(payee.agrees, payee.points, target),
    )


def _payee_agrees(by_rule: bool, points: int, target: Target) -> bool:
    """A due date needs a rule; a payment that a person recorded is merely linked, a known payee will do."""
    return by_rule if isinstance(target, DueItem) else points > 0


def _day_of(target: Target) -> dt.date:
    return target.due_date if isinstance(target, DueItem) else target.paid_on


def _period_of(target: Target) -> int | None:
    return target.period_days if isinstance(target, DueItem) else None


def _near(line: BankLine, dated: list[Target], days: list[dt.date]) -> Iterator[Target]:
    """Give the targets whose window, at its widest, holds the day of the line."""
    if line.day is None or why_line_ineligible(line):
        return
    day = line.day.toordinal()
    ordinals = (max(day - DAYS_AFTER, 1), min(day + DAYS_BEFORE, dt.date.max.toordinal()))
    first, last = map(dt.date.fromordinal, ordinals)
    yield from dated[bisect_left(days, first) : bisect_right(days, last)]
