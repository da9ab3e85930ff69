"""What the retainer cycle finds for a month: to be made, already there, skipped and why. Writes nothing."""

import datetime as dt
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from billing.models import CycleLine, Engagement, FeeStep, Statement
from billing.reports.months import why_shut
from billing.reports.office import office_profile
from billing.rules import retainer_cycle
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import FIRST_YEAR, LAST_YEAR, Month

logger = logging.getLogger(__name__)
Outcome = CycleLine.Outcome
CHUNK = 1_000  # engagements looked at in one go
# A slip of the pen such as 20255-09 or 0025-09 is no month of an office.
FACTS = (
    "pk", "client_id", "client__name", "client__terms_days",
    "title", "starts_on", "ends_on", "description", "status", "interval_months", "billing_day", "timing",
    "partial_periods", "client__currency", "client__is_active",
)  # fmt: skip
# What a row raises that somebody spoilt past the forms: a date that is none, a fee of a fraction of a cent.
UNREADABLE = (ArithmeticError, TypeError, ValueError)
OWN_FACTS = 4  # the first ones; the others are the fields of retainer_cycle.Terms, in their order


@dataclass(frozen=True, slots=True)
class CycleOutcome:
    """One engagement's place in the cycle of a month; ``created`` means that its draft is to be made."""

    engagement_id: int
    outcome: str
    reason: str = ""
    planned: retainer_cycle.PlannedStatement | None = None
    statement_id: int | None = None
    client_id: int = 0
    client: str = ""
    title: str = ""
    currency: str = ""
    terms_days: int = 0

    @property
    def due_date(self) -> dt.date | None:
        """The proposed issue date and the client's days after it."""
        return self.planned.issue_date + dt.timedelta(days=self.terms_days) if self.planned else None


def parse_month(text: str) -> Month:
    """Return the month of ``2025-09``; DomainError for anything else."""
    match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if match and FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return Month(int(match[1]), int(match[2]))
    raise DomainError(f"{text[:40]!r} is not a month such as 2025-09. Nothing was made.", code="bad_month")


def retainers(after: int = 0) -> Iterator[list[int]]:
    """Yield the retainers' keys in chunks, by key, beginning behind ``after``."""
    rows = Engagement.objects.retainers().order_by("pk").values_list("pk", flat=True)
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
        yield chunk
        after = chunk[-1]


def _ends(keys: Sequence[int]) -> tuple[int, int]:
    """Return the least and the greatest key, in whatever order they come: two ask faster than many."""
    return min(keys), max(keys)


def found_in(month: Month, actor=None) -> Iterator[CycleOutcome]:
    """Yield what the cycle finds for every retainer that has a period beginning in the month."""
    for keys in retainers():
        yield from found_for(keys, month, actor)


def found_for(keys: Sequence[int], month: Month, actor=None) -> list[CycleOutcome]:
    """Return what the cycle finds for these engagements, by key; a row that cannot be read fails alone.

    The preview and the run both ask here, so that they cannot differ. Where the month is shut to the
    actor, what would be made is skipped. Three queries, the office's and the month's.
    """
    shut = why_shut(month.first_day, actor)
    try:
        facts, fees = list(_facts_of(keys)), _fees_of(keys)
        there = _statements_of(keys, month)
    except UNREADABLE as error:
        if len(keys) > 1:
            return [found for key in keys for found in found_for([key], month, actor)]
        return [failure_of(keys[0], error)]
    days = office_profile().terms_days
    each = (_plan_engagement(row, fees[row[0]], there.get(row[0]), month, days, shut) for row in facts)
    return [one for one in each if one]


def _facts_of(keys: Sequence[int]) -> QuerySet:
    """Return what decides about each retainer, in the order of FACTS."""
    rows = Engagement.objects.retainers().filter(pk__range=_ends(keys))
    return rows.order_by("pk").values_list(*FACTS)


def _fees_of(keys: Sequence[int]) -> dict[int, list[retainer_cycle.Fee]]:
    """Return the fee steps of each engagement."""
    fees: dict[int, list[retainer_cycle.Fee]] = defaultdict(list)
    steps = FeeStep.objects.filter(engagement__pk__range=_ends(keys)).order_by()
    for key, *fee in steps.values_list("engagement_id", "starts_on", "amount"):
        fees[key].append((fee[0], fee[1]))
    return fees


def _statements_of(keys: Sequence[int], month: Month) -> dict[int, int]:
    """Return {engagement: statement} of those that bill the period already; void ones do not."""
    return dict(
        Statement.objects.filter(
            engagement__pk__range=_ends(keys), kind=Statement.Kind.RETAINER, period_start=month.first_day
        )
        .not_void()
        .order_by()
        .values_list("engagement_id", "pk")
    )


def _plan_engagement(
    row: tuple, fees: list[retainer_cycle.Fee], there: int | None, month: Month, days: int, shut: str = ""
) -> CycleOutcome | None:
    """Return one engagement's place in the cycle; None when no period of it begins in the month.

    ``shut`` says why nothing may be dated into the month; what is not billed anyway keeps its own reason.
    """
    key, client_id, client, own_days = row[:OWN_FACTS]
    terms = retainer_cycle.Terms(*row[OWN_FACTS:])
    who = (client_id, client, terms.title, terms.currency, days if own_days is None else own_days)
    if there:
        return CycleOutcome(key, Outcome.EXISTS, "", None, there, *who)
    try:
        answer = retainer_cycle.plan(terms, fees, month)
    except UNREADABLE as error:
        return failure_of(key, error, *who)
    if answer is None:
        return None
    if isinstance(answer, retainer_cycle.SkippedStatement):
        return CycleOutcome(key, Outcome.SKIPPED, answer.reason, None, None, *who)
    if shut:
        return CycleOutcome(key, Outcome.SKIPPED, shut, None, None, *who)
    return CycleOutcome(key, Outcome.CREATED, "", answer, None, *who)


def failure_of(key: int, error: Exception, *who) -> CycleOutcome:
    """Return a failure with the error's kind alone; the log has the rest."""
    logger.error("The cycle cannot bill engagement %s", key, exc_info=error)
    return CycleOutcome(key, Outcome.FAILED, type(error).__name__, None, None, *who)


# --- who was not billed ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Missed:
    """Months for which an engagement should have been billed, the oldest first."""

    engagement_id: int
    client: str
    title: str
    months: tuple[Month, ...]


def missed_months(
    *, today: dt.date, engagement: Engagement | None = None, since: Month | None = None
) -> Iterator[Missed]:
    """Yield retainers with months whose proposed issue date has passed and that no statement bills.

    ``since`` is the first month looked at; without it the month in which the engagement starts.
    Three queries for each thousand engagements.
    """
    for keys in [[engagement.pk]] if engagement else retainers():
        yield from _missed_by(keys, today, since)


def _missed_by(keys: Sequence[int], today: dt.date, since: Month | None) -> list[Missed]:
    """Return the missed months of these engagements; one that cannot be read is left out, and only it."""
    try:
        fees, billed = _fees_of(keys), billed_periods(keys)
        each = [
            _missed_engagement(row, fees[row[0]], billed[row[0]], today, since)
            for row in list(_facts_of(keys))
        ]
    except UNREADABLE as error:
        if len(keys) > 1:
            return [one for key in keys for one in _missed_by([key], today, since)]
        logger.error("The cycle cannot read engagement %s", keys[0], exc_info=error)
        return []
    return [one for one in each if one.months]


def _missed_engagement(
    row: tuple,
    fees: list[retainer_cycle.Fee],
    billed: set[dt.date | None],
    today: dt.date,
    since: Month | None,
) -> Missed:
    terms = retainer_cycle.Terms(*row[OWN_FACTS:])
    first = Month.of(terms.starts_on)
    due = _months_due(terms, fees, max(first, since) if since else first, today)
    months = tuple(month for month in due if month.first_day not in billed)
    return Missed(row[0], row[2], terms.title, months)


def _months_due(
    terms: retainer_cycle.Terms, fees: list[retainer_cycle.Fee], first: Month, today: dt.date
) -> Iterable[Month]:
    """Yield the months from ``first`` on for which a statement was to be issued before today."""
    month, last = first, Month.of(today)
    while month <= last:
        answer = retainer_cycle.plan(terms, fees, month)
        if isinstance(answer, retainer_cycle.PlannedStatement) and answer.issue_date < today:
            yield month
        month = month.next


def billed_periods(keys: Sequence[int]) -> dict[int, set[dt.date | None]]:
    """Return the first days of the periods that a statement bills, for each engagement; none for no keys."""
    periods: dict[int, set[dt.date | None]] = defaultdict(set)
    if not keys:
        return periods
    rows = Statement.objects.filter(engagement__pk__range=_ends(keys), kind=Statement.Kind.RETAINER)
    rows = rows.not_void().order_by()
    for key, start in rows.values_list("engagement_id", "period_start"):
        periods[key].add(start)
    return periods
