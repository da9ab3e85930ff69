"""What a change of a bill's schedule does to its due dates, before it is saved.

A change acts on cycles. A due date that is settled, skipped or otherwise touched stays, and its cycle is
not owed again on another date. Untouched ones from today on follow the change. Unpaid untouched ones
before today stay or follow, as the person says.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from dateutil.relativedelta import relativedelta
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from bills.models import Bill, Occurrence
from bills.reports.due_dates import due_cycle_of, make_occurrence
from bills.rules import schedules
from bills.rules.cycles import ONCE, CycleSet, DueCycle
from bills.rules.states import settled_state
from billtracker.core.periods import Span

HORIZON = relativedelta(months=13)
# A change of one of these moves due dates.
OF_DATES = frozenset(
    {
        "unit", "interval", "start_date", "due_day", "second_due_day", "end_date", "instalments",
        "weekend_shift", "tracked_from",
    }
)  # fmt: skip


class PastChoice(TextChoices):
    """What becomes of unpaid due dates before today, and of the past that a change opens."""

    KEEP = "keep", _("Leave them as they are")
    FOLLOW = "follow", _("Change them too")


def last_day_made(today: dt.date) -> dt.date:
    """Return the last day up to which occurrences are made as rows."""
    return today + HORIZON


@dataclass(frozen=True, slots=True)
class ScheduleEdit:
    """The bill's due dates as the change leaves them; ``follow`` holds (row, the row as it will be)."""

    kept: list[Occurrence] = field(default_factory=list)
    follow: list[tuple[Occurrence, Occurrence]] = field(default_factory=list)
    go: list[Occurrence] = field(default_factory=list)
    appear: list[Occurrence] = field(default_factory=list)

    @property
    def going_dates(self) -> list[dt.date]:
        """The due dates that go, those that move among them."""
        moved = (row for row, new in self.follow if row.due_date != new.due_date)
        return sorted(row.due_date for row in chain(self.go, moved))

    @property
    def appearing_dates(self) -> list[dt.date]:
        """The due dates that appear, those that something moves to among them."""
        moved = (new for row, new in self.follow if row.due_date != new.due_date)
        return sorted(row.due_date for row in chain(self.appear, moved))

    @property
    def staying_dates(self) -> list[dt.date]:
        stay = (row for row, new in self.follow if row.due_date == new.due_date)
        return sorted(row.due_date for row in chain(self.kept, stay))

    @property
    def moves_dates(self) -> bool:
        return bool(self.going_dates or self.appearing_dates)

    @property
    def digest(self) -> str:
        """A short text that differs when the dates that go or appear differ."""
        words = f"{self.going_dates} {self.appearing_dates}"
        return hashlib.sha256(words.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """What a change does with each answer about the past; ``asks`` when the answer makes a difference."""

    keep: ScheduleEdit
    follow: ScheduleEdit

    @property
    def asks(self) -> bool:
        return self.keep.digest != self.follow.digest

    @property
    def moves_dates(self) -> bool:
        return self.keep.moves_dates or self.follow.moves_dates

    @property
    def edits(self) -> list[tuple[str, ScheduleEdit]]:
        """Each answer in words with what it does; one without words where there is nothing to answer."""
        if not self.asks:
            return [("", self.keep)]
        return [(str(PastChoice.KEEP.label), self.keep), (str(PastChoice.FOLLOW.label), self.follow)]

    @property
    def digest(self) -> str:
        return self.keep.digest + self.follow.digest


def preview_schedule_edit(bill: Bill, today: dt.date) -> SchedulePreview | None:
    """Return what saving the bill would do to its due dates; None when its schedule does not change."""
    old = Bill.objects.filter(pk=bill.pk).first() if bill.pk else None
    if old is None or not changes_dates(old, bill):
        return None
    return SchedulePreview(*(plan_schedule_edit(old, bill, today, choice) for choice in PastChoice))


def changes_dates(old: Bill, bill: Bill) -> bool:
    return any(getattr(old, name) != getattr(bill, name) for name in OF_DATES)


def plan_schedule_edit(old: Bill, bill: Bill, today: dt.date, past: str = PastChoice.KEEP) -> ScheduleEdit:
    """Return what becomes of each due date of the bill when ``old`` becomes ``bill``."""
    follows_past = past == PastChoice.FOLLOW and changes_dates(old, bill)
    rows = list(bill.occurrences.with_split_count().order_by("scheduled_date"))
    loose = [row for row in rows if _is_loose(row, today, follows_past)]
    kept = [row for row in rows if not _is_loose(row, today, follows_past)]
    taken = CycleSet(map(due_cycle_of, kept))
    dates = list(_future_dates(bill, today, loose))
    if follows_past:
        dates = [*_past_dates(old, bill, today, loose), *dates]
    return _match(kept, loose, [make_occurrence(bill, due) for due in dates if not taken.has(due)], today)


def _is_loose(row: Occurrence, today: dt.date, follows_past: bool) -> bool:
    """Say whether the row follows a change: nobody touched it, and it is not behind us or may change too."""
    if row.is_touched:
        return False
    # What autopay is taken to have paid is settled.
    return row.due_date >= today or (follows_past and settled_state(row, row.paid, today) is None)


def _future_dates(bill: Bill, today: dt.date, loose: list[Occurrence]) -> Iterable[DueCycle]:
    """Return the dates of the new schedule from today on, as far as they are made as rows.

    Beyond that only those count that a row follows to, which somebody paid far ahead and undid.
    """
    if not bill.is_active:
        return []
    start, horizon = max(today - schedules.SHIFT_REACH, bill.tracked_from), last_day_made(today)
    beyond = [row for row in loose if row.scheduled_date > horizon]
    last = max((row.cycle_end for row in beyond if row.cycle_end != ONCE.end), default=horizon)
    far = CycleSet(map(due_cycle_of, beyond))
    dates = (due for due in _dates_of(bill, start, max(last, horizon)) if _due(bill, due) >= today)
    return [due for due in dates if due.date <= horizon or far.has(due)]


def _past_dates(old: Bill, bill: Bill, today: dt.date, loose: list[Occurrence]) -> Iterable[DueCycle]:
    """Return the dates before today that the change moves or opens; what a pause left out stays out."""
    was = CycleSet(_dates_of(old, old.tracked_from, today))
    moved = CycleSet(due_cycle_of(row) for row in loose)
    dates = (due for due in _dates_of(bill, bill.tracked_from, today) if _due(bill, due) < today)
    return [due for due in dates if moved.has(due) or not was.has(due)]


def _dates_of(bill: Bill, first: dt.date, last: dt.date) -> Iterable[DueCycle]:
    span = Span(first, max(first, last + schedules.DAY))
    return schedules.scheduled_cycles(schedules.rule_of(bill), span)


def _due(bill: Bill, due: DueCycle) -> dt.date:
    return schedules.due_date(due.date, bill.weekend_shift)


def _as_it_was(row: Occurrence, target: Occurrence) -> Occurrence:
    """Let a past date that stays keep what it is owed; only its cycle is the new schedule's."""
    for name in ("due_date", "expected_amount", "currency", "is_autopay"):
        setattr(target, name, getattr(row, name))
    return target


def _match(
    kept: list[Occurrence], loose: list[Occurrence], new: list[Occurrence], today: dt.date
) -> ScheduleEdit:
    """Pair each row that follows with its new date; a row without one goes, a date without one appears.

    A row keeps its place where its date stays. One that an undone payment belongs to is moved, so that
    the payment can be restored on the new date of its cycle.
    """
    on = {row.scheduled_date: row for row in new}
    edit = ScheduleEdit(kept=list(kept))
    rest = []
    for row in loose:
        target = on.pop(row.scheduled_date, None)
        if target is None:
            rest.append(row)
        else:
            edit.follow.append((row, _as_it_was(row, target) if row.due_date < today else target))
    for row in rest:
        cycles = CycleSet([due_cycle_of(row)])
        same = (t for t in on.values() if row.split_count and cycles.has(due_cycle_of(t)))
        target = next(same, None)
        if target is None:
            edit.go.append(row)
        else:
            edit.follow.append((row, on.pop(target.scheduled_date)))
    edit.appear.extend(on.values())
    return edit
