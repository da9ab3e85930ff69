"""Rules of descriptors: bank lines of this payee pay that bill."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from banksync.matching.bank_lines import BankLine
from banksync.matching.descriptors import normalize_descriptor
from banksync.matching.targets import Target, TargetKind
from billtracker.core.text import comparison_key

MIN_CHARACTERS = 4
CONFIRMATIONS = 3
CONFIRMED_WITHIN = dt.timedelta(days=180)

# Words of banks that name no payee.
_BANK_WORDS = set(
    "account acct ach amount atm auto automatic autopay bank banking bill billpay card cash charge check"
    " checking cheque credit debit dep deposit direct draft electronic fee from fund funds giro internet"
    " mastercard mobile money monthly of on online order pay payment paypoint pmt point pos preauthorized"
    " purchase pymt recurring ref reference sale savings sepa standing store sweep terminal the to"
    " transaction transfer trf trx visa web wire with withdrawal xfer".split()
)
_WORDS = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Return the words of a name or a normalised descriptor, without punctuation."""
    return _WORDS.findall(text)


def names_a_payee(payee: str) -> bool:
    """Say whether a normalised descriptor has a word that is not merely the bank's own."""
    return any(word not in _BANK_WORDS and not word.isdigit() for word in words_of(payee))


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Lines with this pattern pay this bill.

    ``confirmed_on`` are the days on which a match of the rule was confirmed and not undone since.
    """

    kind: TargetKind
    bill_id: int
    pattern: str
    confirmed_on: tuple[dt.date, ...] = ()
    undone_on: dt.date | None = None  # the latest day on which one of its matches was undone
    is_enabled: bool = True

    def fits(self, line: BankLine) -> bool:
        """Say whether the pattern stands in the descriptor, as whole words."""
        if not self.is_enabled or why_pattern_refused(self.pattern):
            return False
        wanted, words = words_of(normalize_descriptor(self.pattern)), words_of(line.payee)
        starts = range(len(words) - len(wanted) + 1)
        return any(words[start : start + len(wanted)] == wanted for start in starts)

    def acts_by_itself(self, today: dt.date) -> bool:
        """Say whether the rule was confirmed often enough of late, counted anew after an undo."""
        recent = [
            day
            for day in self.confirmed_on
            if dt.timedelta(0) <= today - day <= CONFIRMED_WITHIN
            if self.undone_on is None or day > self.undone_on
        ]
        return self.is_enabled and len(recent) >= CONFIRMATIONS


def why_pattern_refused(pattern: str) -> str:
    """Return why no rule may have this pattern; empty where it may."""
    payee = normalize_descriptor(pattern)
    shown = comparison_key(pattern)
    if min(len(pattern.strip()), len(shown.replace(" ", ""))) < MIN_CHARACTERS:
        return _too_short(shown)
    if not names_a_payee(payee):
        return f"“{shown}” does not name a payee. Enter the name of the company or person you pay."
    if len(payee.replace(" ", "")) < MIN_CHARACTERS:
        return _too_short(payee)
    return ""


def _too_short(pattern: str) -> str:
    return f"“{pattern}” is too short. Enter at least {MIN_CHARACTERS} characters of the payee's name."


def offer_rule(
    line: BankLine, target: Target, *, confirmed_on: dt.date, rules: Iterable[MatchRule] = ()
) -> MatchRule | None:
    """Return the rule to offer after this match was confirmed; None if one fits already or none may."""
    owners = ((rule.kind, rule.bill_id) for rule in rules if rule.fits(line))
    if why_pattern_refused(line.payee) or (target.kind, target.bill_id) in owners:
        return None
    return MatchRule(target.kind, target.bill_id, line.payee, (confirmed_on,))
