"""The number register: every number of a sequence, what became of it, and whether one is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from billing.documents.kinds import KINDS, kind_numbered_by
from billing.models import Counter, CounterAdjustment, Sequence


@dataclass(frozen=True, slots=True)
class Check:
    """What the numbers of one counter look like: from 1 to ``last``, and what does not fit."""

    sequence: Sequence
    year: int
    last: int
    # Numbers left out when the counter was moved by hand: first, last, reason.
    left_out: tuple[tuple[int, int, str], ...] = ()
    missing: tuple[int, ...] = ()
    # Numbers that were not taken from the counter: beyond its last one, or written in another form.
    strange: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.strange

    @property
    def sentence(self) -> str:
        """``SOA 2026: 1 to 417, no gap``, or what is wrong."""
        if not self.last:
            return f"{self.name}: no number yet"
        parts = [f"{self.name}: 1 to {self.last}", *self.faults]
        parts += [f"{first} to {last} left out ({reason})" for first, last, reason in self.left_out]
        return ", ".join(parts if len(parts) > 1 else [*parts, "no gap"])

    @property
    def name(self) -> str:
        """``SOA 2026``, or ``SOA`` for a sequence that never begins again."""
        return f"{self.sequence.code} {self.year}" if self.year else self.sequence.code

    @property
    def faults(self) -> list[str]:
        """What is wrong, the first twenty numbers of each kind; without words that people wrote."""
        parts = [f"missing {', '.join(map(str, self.missing[:20]))}"] if self.missing else []
        parts += [f"not from the counter {', '.join(self.strange[:20])}"] if self.strange else []
        return parts


def check_numbers() -> list[Check]:
    """Walk every counter and say whether its numbers are whole. Writes nothing."""
    counters = Counter.objects.select_related("sequence").order_by("sequence__code", "year")
    return [check_counter(counter) for counter in counters]


def check_counter(counter: Counter) -> Check:
    """Compare one counter with the numbers that statements carry."""
    moved = CounterAdjustment.objects.filter(counter=counter).order_by("from_number")
    left_out = tuple((row.from_number + 1, row.to_number, row.reason) for row in moved)
    missing: list[int] = []
    strange: list[str] = []
    beyond: list[tuple[int, str]] = []
    expected = 1
    for number, text in _numbers_of(counter):
        missing += _missing_between(expected, number, left_out)
        if text != counter.sequence.format(counter.year, number):
            strange.append(text)
        elif number > counter.last_number:
            beyond.append((number, text))
        expected = number + 1
    newest = _last_number(counter) if beyond else counter.last_number
    strange += [text for number, text in beyond if number > newest]
    missing += _missing_between(expected, counter.last_number + 1, left_out)
    return Check(
        counter.sequence, counter.year, counter.last_number, left_out, tuple(missing), tuple(strange)
    )


def _last_number(counter: Counter) -> int:
    """Return the counter's last number of now: documents may be issued while the numbers are walked."""
    return Counter.objects.values_list("last_number", flat=True).get(pk=counter.pk)


def _numbers_of(counter: Counter) -> Iterator[tuple[int, str]]:
    """Yield each number taken from the counter with the text its document carries, in order."""
    columns = ("sequence_number", "number")
    for kind in KINDS:
        rows = kind.all_numbered().filter(sequence=counter.sequence, sequence_year=counter.year)
        yield from rows.order_by("sequence_number").values_list(*columns).iterator(2_000)


def _missing_between(first: int, end: int, left_out: tuple[tuple[int, int, str], ...]) -> list[int]:
    """Return the numbers from ``first`` up to before ``end`` that nobody left out with a reason."""
    return [n for n in range(first, end) if not any(low <= n <= high for low, high, _ in left_out)]


def register(sequence: Sequence, year: int) -> QuerySet:
    """Return what carries a counter's numbers, statements or credit notes, in their order."""
    kind = kind_numbered_by(sequence.code)
    shown = [kind.client, "issued_by", *(["replaced_by"] if kind.can_be_void else [])]
    rows = kind.all_numbered().filter(sequence=sequence, sequence_year=year).order_by("sequence_number")
    return rows.select_related(*shown).prefetch_related("documents")


def years_of(sequence: Sequence) -> list[int]:
    """Return the years in which the sequence has a counter, the newest first."""
    return list(Counter.objects.filter(sequence=sequence).order_by("-year").values_list("year", flat=True))
