"""What differs between two statements of one engagement: a pure comparison for who reviews the later."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing.snapshots import period_words, plain
from billtracker.core.money import to_display

PERIOD = "{period}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is compared: its words without the period's name."""

    description: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """What of a statement is compared."""

    currency: str
    lines: tuple[Line, ...]
    # Days from issue to due date; None while a date is open.
    terms_days: int | None = None
    notes: str = ""
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was: what, before, after; the last two are empty for a plain remark."""

    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}" if self.before or self.after else self.what


def differences(before: Said | None, now: Said) -> list[Difference]:
    """Return what differs from the statement before; nothing when it is the same."""
    partial = [Difference("The period is a partial one")] if now.is_partial else []
    if before is None:
        return [Difference("The first statement of this engagement"), *partial]
    found = [] if before.currency == now.currency else [Difference("Currency", before.currency, now.currency)]
    found += of_lines(before, now)
    if None not in (before.terms_days, now.terms_days) and before.terms_days != now.terms_days:
        found.append(Difference("Terms", days(before.terms_days), days(now.terms_days)))
    if before.notes != now.notes:
        found.append(Difference("Notes", before.notes or "none", now.notes or "none"))
    return found + partial


def of_lines(before: Said, now: Said) -> list[Difference]:
    """Return the lines that changed, came and went; lines are told apart by their words and their order."""
    old, new = keyed(before.lines), keyed(now.lines)
    found = []
    for key, line in new.items():
        if key not in old:
            found.append(Difference("New line", "none", in_words(line, now.currency)))
        else:
            found += of_line(old[key], line, before.currency, now.currency)
    gone = (line for key, line in old.items() if key not in new)
    return found + [Difference("Line left out", in_words(line, before.currency), "none") for line in gone]


def keyed(lines: Iterable[Line]) -> dict[tuple[str, int], Line]:
    """Return the lines by their words and, where words repeat, by which of them it is."""
    seen: Counter[str] = Counter()
    found = {}
    for line in lines:
        seen[line.description] += 1
        found[line.description, seen[line.description]] = line
    return found


def of_line(old: Line, new: Line, old_currency: str, new_currency: str) -> list[Difference]:
    found, name = [], new.description
    if (old.unit_price, old_currency) != (new.unit_price, new_currency):
        prices = (to_display(old.unit_price, old_currency), to_display(new.unit_price, new_currency))
        found.append(Difference(f"Fee of {name}", *prices))
    if old.quantity != new.quantity:
        found.append(Difference(f"Quantity of {name}", plain(old.quantity), plain(new.quantity)))
    return found


def in_words(line: Line, currency: str) -> str:
    return f"{line.description}, {plain(line.quantity)} × {to_display(line.unit_price, currency)}"


def days(count: int | None) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def without_period(description: str, start: dt.date | None, end: dt.date | None) -> str:
    """Return the line's words with the period's name taken out, as two months are compared."""
    words = period_words(start, end)
    return description.replace(words, PERIOD) if words else description
