"""What says that a bank line comes from the payee of a bill."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from banksync.matching.bank_lines import BankLine
from banksync.matching.descriptors import normalize_descriptor
from banksync.matching.rules import MatchRule, names_a_payee, words_of
from banksync.matching.targets import Target
from billtracker.core.text import comparison_key

SIMILAR_FROM = 75  # of 100
# A word that both names have, and that is long enough not to be chance.
SHARED_WORD_LENGTH = 5
SHARED_WORD_LEAST = 3
SHARED_WORD_SIMILARITY = 80

_RULE_POINTS = 400
_SAME_PAYEE_POINTS = 350
_SIMILAR_POINTS = 3  # for each of 100
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class PayeeEvidence:
    """How strongly the payee speaks for a pair, in words, and whether a rule may act on it."""

    points: int = 0
    reason: str = ""
    agrees: bool = False


def judge_payee(line: BankLine, target: Target, rules: Iterable[MatchRule], today: dt.date) -> PayeeEvidence:
    """Return the strongest evidence: a rule, an earlier payment, a similar name, or none."""
    own = [
        rule
        for rule in rules
        if (rule.kind, rule.bill_id) == (target.kind, target.bill_id) and rule.fits(line)
    ]
    if own:
        # The longest pattern says most; patterns of one length have an order of their own.
        best = max(own, key=lambda rule: (rule.acts_by_itself(today), len(rule.pattern), rule.pattern))
        reason = f"Matches the rule “{best.pattern}”"
        return PayeeEvidence(_RULE_POINTS, reason, best.acts_by_itself(today))
    if count := _payments_in_a_row(line, target):
        return PayeeEvidence(_SAME_PAYEE_POINTS, _describe_same_payee(count))
    return _judge_names(line, target)


def _payments_in_a_row(line: BankLine, target: Target) -> int:
    """Return how many of the latest payments came from the payee of this line, without a break."""
    if not names_a_payee(line.payee):
        return 0
    count = 0
    for descriptor in reversed(target.past_descriptors):
        if normalize_descriptor(descriptor) != line.payee:
            break
        count += 1
    return count


def _describe_same_payee(count: int) -> str:
    if count == 1:
        return "Same payee as the last payment"
    return f"Same payee as the last {_NUMBERS.get(count, count)} payments"


def _judge_names(line: BankLine, target: Target) -> PayeeEvidence:
    similarities = [(name_similarity(line.payee, name), name) for name in target.names]
    similarity, name = max(similarities, default=(0, ""))
    if similarity < SIMILAR_FROM:
        return PayeeEvidence()
    return PayeeEvidence(_SIMILAR_POINTS * similarity, f"Payee is similar to “{name}”")


def name_similarity(payee: str, name: str) -> int:
    """Return from 0 to 100 how much a normalised descriptor and a name of a bill are alike."""
    if not names_a_payee(payee):
        return 0
    theirs, ours = words_of(payee), words_of(comparison_key(name))
    shared = {word for word in set(theirs) & set(ours) if names_a_payee(word)}
    longest = max(map(len, shared), default=0)
    # "iron gym" is in "Iron Gym membership"; without a word in common only spellings are compared.
    ratio = fuzz.token_set_ratio if longest >= SHARED_WORD_LEAST else fuzz.token_sort_ratio
    least = SHARED_WORD_SIMILARITY if longest >= SHARED_WORD_LENGTH else 0
    return max(least, round(ratio(" ".join(theirs), " ".join(ours))))
