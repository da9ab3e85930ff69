"""What needs somebody in the office today."""

import datetime as dt
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q

from billing.models import Payment, Settlement, Statement
from billing.reports.aging import AgingRow, aging, totals
from billing.reports.months import closed_before, last_closed
from billing.reports.periods import next_to_close
from billing.reports.retainer_cycle import missed_months
from billtracker.core.periods import Month

LOOK_BACK = relativedelta(years=2)


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the day; ``owed`` has a row for each currency."""

    day: dt.date
    in_review: int
    drafts: int
    unposted: int
    unverified: int
    certificates: int
    missed: int
    owed: list[AgingRow]
    last_close: Month | None
    next_close: Month | None

    @property
    def credits(self) -> list[AgingRow]:
        """The currencies in which something is to be applied."""
        return [row for row in self.owed if row.credit]


def figures_of(day: dt.date) -> Today:
    """Return what waits, as of the end of the day. A constant number of queries, but for the retainers:
    three for each thousand."""
    drafts = Statement.objects.aggregate(
        in_review=Count("pk", filter=Q(state=Statement.State.IN_REVIEW)),
        drafts=Count("pk", filter=Q(state=Statement.State.DRAFT)),
    )
    payments = Payment.objects.aggregate(
        unposted=Count("pk", filter=Q(state=Payment.State.DRAFT)),
        unverified=Count("pk", filter=Q(state=Payment.State.POSTED)),
    )
    closed, pending = last_closed(), Settlement.objects.certificate_pending_on(day)
    return Today(
        day=day,
        certificates=pending.count(),
        missed=_missed_count(day),
        owed=totals(aging(day)),
        last_close=closed.month if closed else None,
        next_close=next_to_close(day),
        **drafts,
        **payments,
    )


def _missed_count(day: dt.date) -> int:
    """Count retainers that somebody should have billed and that still can be: closed months are over."""
    since = max(day - LOOK_BACK, closed_before() or dt.date.min)
    return sum(1 for _missed in missed_months(today=day, since=Month.of(since)))
