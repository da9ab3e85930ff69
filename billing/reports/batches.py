"""A batch of submitted drafts before its issue: in which order, of which day, with which number."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from billing.models import Counter, OfficeProfile, Period, PeriodException, Sequence, Statement
from billing.reports.months import closed_before
from billing.reports.review import (
    contributors_of,
    latest_of,
    order_words,
    passed_words,
    proposed_day,
    version_of,
)
from billtracker.core.periods import today

MOST = 100


@dataclass(frozen=True, slots=True)
class PlannedIssue:
    """One statement of the batch; ``number`` is expected, not reserved, and empty for one that is refused."""

    statement: Statement
    day: dt.date
    version: str
    number: str = ""
    refusal: str = ""
    warnings: tuple[str, ...] = ()


def order_by_marks(pks: Iterable[int]) -> list[Statement]:
    """Return these statements in the given order, each once; one that is gone as a row without facts."""
    order = list(dict.fromkeys(pks))
    rows = Statement.objects.select_related("client", "submitted_by").prefetch_related("lines").in_bulk(order)
    return [rows.get(pk) or Statement(pk=pk) for pk in order]


def plan_issue(
    statements: Iterable[Statement],
    *,
    actor,
    office: OfficeProfile,
    sequence: Sequence,
    issue_date: dt.date | None = None,
) -> Iterator[PlannedIssue]:
    """Yield what the issue of these would do, one after the other. Writes nothing, reserves nothing."""
    counters = dict(Counter.objects.filter(sequence=sequence).values_list("year", "last_number"))
    now, shut, statements = today(office.time_zone), _shut_for(actor), list(statements)
    own = _touched_by(actor, statements) if office.requires_second_person else set()
    years = {sequence.year_of(issue_date or proposed_day(statement, now)) for statement in statements}
    latest = {year: latest_of(sequence, year) for year in years}  # one or two: dates are months apart at most
    for statement in statements:
        day = issue_date or proposed_day(statement, now)
        if refusal := _refusal_of(statement, own) or shut(day):
            yield PlannedIssue(statement, day, "", refusal=refusal)
            continue
        year = sequence.year_of(day)
        counters[year] = counters.get(year, 0) + 1
        words = ("" if issue_date else passed_words(statement, now)), order_words(latest[year], day)
        number = sequence.format(year, counters[year])
        yield PlannedIssue(statement, day, version_of(statement), number, warnings=tuple(filter(None, words)))


def _touched_by(actor, statements: list[Statement]) -> set[int]:
    """Return the keys of those that the person wrote, edited or submitted. One query."""
    there = [statement for statement in statements if statement.created_by_id]
    return {pk for pk, people in contributors_of(there).items() if actor.pk in people}


def _refusal_of(statement: Statement, own: set[int]) -> str:
    """Say why it would not be issued, empty when it would; the service decides again at the issue."""
    if statement.created_by_id is None:
        return "It was deleted."
    if statement.state != Statement.State.IN_REVIEW:
        return f"It is {statement.get_state_display().lower()}, not in review."
    if statement.pk in own:
        return "You wrote, edited or submitted it; somebody else issues it."
    return ""


def _shut_for(actor) -> Callable[[dt.date], str]:
    """Return what says why the person may date nothing into a day's month; empty for an open one."""
    leave = PeriodException.objects.live().filter(period=OuterRef("pk"), user=actor)
    locked = list(Period.objects.filter(~Exists(leave), state=Period.State.LOCKED))
    # A closed month closes every one before it.
    end = closed_before()

    def shut(day: dt.date) -> str:
        if end and day < end:
            return f"{day:%B %Y} is closed."
        is_locked = any(period.starts_on <= day < period.ends_before for period in locked)
        return f"{day:%B %Y} is locked." if is_locked else ""

    return shut


def reorder_keys(pks: list[int], places: Mapping[int, int]) -> list[int]:
    """Return the keys by the places that a person gave; one that is moved comes before who stood there.

    Moved down, it comes after: in both ways it stands on the place that was asked for.
    """
    stood = {pk: at for at, pk in enumerate(pks, start=1)}

    def key(pk: int) -> tuple[int, int]:
        place = places.get(pk, stood[pk])
        return place, (place > stood[pk]) - (place < stood[pk])

    return sorted(pks, key=key)
