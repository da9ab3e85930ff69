"""What the bank says about bills: matches that act by themselves, and suggestions with their reasons."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from decimal import Decimal

from banksync.matching.assignment import assign
from banksync.matching.bank_lines import BankLine
from banksync.matching.candidates import Candidate, RejectedPair, find_candidates
from banksync.matching.rules import MatchRule
from banksync.matching.targets import Target, TargetKind


@dataclass(frozen=True, slots=True)
class ProposedMatch:
    """A line that pays ``amount`` of a target; a recorded payment is linked, and settles nothing twice."""

    line: BankLine
    target: Target
    amount: Decimal
    reasons: tuple[str, ...]
    score: int
    is_automatic: bool


def propose_matches(
    *,
    lines: Iterable[BankLine],
    targets: Iterable[Target],
    rules: Iterable[MatchRule] = (),
    rejected: Set[RejectedPair] = frozenset(),
    today: dt.date,
) -> tuple[ProposedMatch, ...]:
    """Return at most one match for each line and for each target, by the id of the line.

    Only a match whose line and target have no other candidate is automatic, however unlikely the
    others are. A pair that was undone belongs to ``rejected``, or it would be matched again.
    """
    candidates = find_candidates(lines, targets, rules, rejected, today)
    of_line = Counter(candidate.line.id for candidate in candidates)
    of_target = Counter(candidate.target.key for candidate in candidates)
    return tuple(
        _to_match(candidate, of_line[candidate.line.id], of_target[candidate.target.key])
        for candidate in assign(candidates)
    )


def _to_match(candidate: Candidate, targets_of_line: int, lines_of_target: int) -> ProposedMatch:
    is_alone = targets_of_line == lines_of_target == 1
    # Money of clients is applied by a person.
    is_bill = candidate.target.kind == TargetKind.BILL
    return ProposedMatch(
        candidate.line,
        candidate.target,
        candidate.amount,
        candidate.reasons + _describe_rivals(targets_of_line, lines_of_target),
        candidate.score,
        is_automatic=candidate.agrees and is_alone and is_bill,
    )


def _describe_rivals(targets_of_line: int, lines_of_target: int) -> tuple[str, ...]:
    sentences = []
    if targets_of_line > 1:
        sentences.append(f"Best of {targets_of_line} possible matches for this transaction")
    if lines_of_target > 1:
        sentences.append(f"{lines_of_target} transactions could be this payment")
    return tuple(sentences)
