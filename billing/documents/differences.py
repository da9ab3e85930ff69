"""What differs between two statements of one engagement: a pure comparison for who reviews the later."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing.documents.snapshots import plain
from billing.rules.dates_in_words import period_words
from billtracker.core.money import to_display

PERIOD = "{period}"


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line as it is compared: its words without the period's name."""

    description: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class ComparedStatement:
    """What of a statement is compared."""

    currency: str
    lines: tuple[ComparedLine, ...]
    # Days from issue to due date; None while a date is open.
    terms_days: int | None = None
    notes: str = ""
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """One thing that is not as it was: what, before, after; the last two are empty for a plain remark."""

    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}" if self.before or self.after else self.what


def differences(before: ComparedStatement | None, now: ComparedStatement) -> list[DocumentDifference]:
    """Return what differs from the statement before; nothing when it is the same."""
    partial = [DocumentDifference("The period is a partial one")] if now.is_partial else []
    if before is None:
        return [DocumentDifference("The first statement of this engagement"), *partial]
    found = (
        []
        if before.currency == now.currency
        else [DocumentDifference("Currency", before.currency, now.currency)]
    )
    found += _of_lines(before, now)
    if None not in (before.terms_days, now.terms_days) and before.terms_days != now.terms_days:
        found.append(DocumentDifference("Terms", days(before.terms_days), days(now.terms_days)))
    if before.notes != now.notes:
        found.append(DocumentDifference("Notes", before.notes or "none", now.notes or "none"))
    return found + partial


def _of_lines(before: ComparedStatement, now: ComparedStatement) -> list[DocumentDifference]:
    """Return the lines that changed, came and went; lines are told apart by their words and their order."""
    old, new = _key_lines(before.lines), _key_lines(now.lines)
    found = []
    for key, line in new.items():
        if key not in old:
            found.append(DocumentDifference("New line", "none", _in_words(line, now.currency)))
        else:
            found += _of_line(old[key], line, before.currency, now.currency)
    gone = (line for key, line in old.items() if key not in new)
    return found + [
        DocumentDifference("Line left out", _in_words(line, before.currency), "none") for line in gone
    ]


def _key_lines(lines: Iterable[ComparedLine]) -> dict[tuple[str, int], ComparedLine]:
    """Return the lines by their words and, where words repeat, by which of them it is."""
    seen: Counter[str] = Counter()
    found = {}
    for line in lines:
        seen[line.description] += 1
        found[line.description, seen[line.description]] = line
    return found


def _of_line(
    old: ComparedLine, new: ComparedLine, old_currency: str, new_currency: str
) -> list[DocumentDifference]:
    found, name = [], new.description
    if (old.unit_price, old_currency) != (new.unit_price, new_currency):
        prices = (to_display(old.unit_price, old_currency), to_display(new.unit_price, new_currency))
        found.append(DocumentDifference(f"Fee of {name}", *prices))
    if old.quantity != new.quantity:
        found.append(DocumentDifference(f"Quantity of {name}", plain(old.quantity), plain(new.quantity)))
    return found


def _in_words(line: ComparedLine, currency: str) -> str:
    return f"{line.description}, {plain(line.quantity)} × {to_display(line.unit_price, currency)}"


def days(count: int | None) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def without_period(description: str, start: dt.date | None, end: dt.date | None) -> str:
    """Return the line's words with the period's name taken out, as two months are compared."""
    words = period_words(start, end)
    return description.replace(words, PERIOD) if words else description
