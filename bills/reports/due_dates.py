"""Which occurrences are due in a span: rows where they were made, computed where not yet.

`occurrences_due` is the one answer for tracker, totals, calendar, reminders, feed and API, so
that a month beyond the horizon, or a worker that stood still, shows the same dates.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bills.models import Bill, Occurrence
from bills.rules import schedules
from bills.rules.cycles import BillCycle, CycleSet, DueCycle
from billtracker.accounts.models import Household
from billtracker.core.money import ZERO
from billtracker.core.periods import Span

# A cycle may begin so long before its date.
LONGEST_MONTH = dt.timedelta(days=31)


def first_open_day(bill: Bill) -> dt.date:
    """Return the first day from which the bill's occurrences are not rows yet."""
    after = bill.made_until + schedules.DAY if bill.made_until else bill.tracked_from
    return max(after, bill.tracked_from)


def new_occurrences(bill: Bill, span: Span, kept: Iterable[DueCycle] = ()) -> list[Occurrence]:
    """Return unsaved occurrences for the span's scheduled dates whose cycle no ``kept`` date stands for."""
    taken = CycleSet(kept)
    dates = schedules.scheduled_cycles(schedules.rule_of(bill), span)
    return [make_occurrence(bill, due) for due in dates if not taken.has(due)]


def make_occurrence(bill: Bill, due: DueCycle) -> Occurrence:
    """Return an unsaved occurrence as the bill is today."""
    return Occurrence(
        bill=bill,
        scheduled_date=due.date,
        cycle_start=due.cycle.start,
        cycle_end=due.cycle.end,
        due_date=schedules.due_date(due.date, bill.weekend_shift),
        expected_amount=bill.expected_amount,
        currency=bill.currency,
        is_autopay=bill.is_autopay,
    )


def due_cycle_of(occurrence: Occurrence) -> DueCycle:
    return DueCycle(occurrence.scheduled_date, BillCycle(occurrence.cycle_start, occurrence.cycle_end))


def cycles_kept(bills: Sequence[Bill]) -> dict[int, list[DueCycle]]:
    """Return, for each bill, the cycles of its rows that reach to where rows are still to be made."""
    kept: dict[int, list[DueCycle]] = defaultdict(list)
    if bills:
        open_days = {bill.pk: first_open_day(bill) - LONGEST_MONTH for bill in bills}
        rows = Occurrence.objects.filter(bill__in=open_days, cycle_end__gte=min(open_days.values()))
        for pk, date, *cycle in rows.values_list("bill_id", "scheduled_date", "cycle_start", "cycle_end"):
            if cycle[1] >= open_days[pk]:
                kept[pk].append(DueCycle(date, BillCycle(*cycle)))
    return kept


def computed_due(household: Household, span: Span) -> list[Occurrence]:
    """Return unsaved occurrences due in the span that are not rows yet, with ``paid`` zero."""
    reach = span.end + schedules.SHIFT_REACH
    bills = household.bills.active().filter(tracked_from__lt=reach)
    bills = list(bills.exclude(made_until__gte=reach).select_related("category"))
    kept = cycles_kept(bills)
    found = [o for bill in bills for o in _computed_of(bill, span, kept[bill.pk]) if o.due_date in span]
    for occurrence in found:
        occurrence.paid = ZERO
    return found


def _computed_of(bill: Bill, span: Span, kept: Sequence[DueCycle]) -> list[Occurrence]:
    """Return one bill's computed occurrences around the span."""
    start = max(span.start - schedules.SHIFT_REACH, first_open_day(bill))
    end = span.end + schedules.SHIFT_REACH
    return new_occurrences(bill, Span(start, end), kept) if start < end else []


def occurrences_due(household: Household, span: Span) -> list[Occurrence]:
    """Return every occurrence due in the half-open span, each with ``paid``, its bill and category.

    Bills in the bin are left out; a bill with no occurrence in the span is in no row. Ordered by
    due date, then bill name.
    """
    rows = Occurrence.objects.of_household(household).due_in(span).select_related("bill__category")
    found = [*rows.with_paid(), *computed_due(household, span)]
    return sorted(found, key=lambda o: (o.due_date, o.bill.name.casefold(), o.bill_id, o.scheduled_date))


def occurrence_on(bill: Bill, scheduled_date: dt.date) -> Occurrence | None:
    """Return the bill's occurrence of that date: its row, else an unsaved one its rule gives, else None."""
    rows = (
        bill.occurrences.filter(scheduled_date=scheduled_date).select_related("bill__household").with_paid()
    )
    if row := rows.first():
        return row
    if not bill.is_active or scheduled_date < first_open_day(bill):
        return None
    near = _computed_of(
        bill, Span(scheduled_date, scheduled_date + schedules.DAY), cycles_kept([bill])[bill.pk]
    )
    found = next((o for o in near if o.scheduled_date == scheduled_date), None)
    if found is None:
        # Somebody may have made the row meanwhile; its date then counts as kept, not as computed.
        return rows.first()
    found.paid = ZERO
    return found
