"""Questions about the worker: when it was last seen, and what is known."""

import datetime as dt

from billtracker.core.process.health import Fact, Facts
from opsstatus.models import JobRun, StoredFact

BEATS = ("heartbeat", "start")
# More than the worker has processes: the runs that go on now are among them.
LATEST = 20


def known_facts() -> dict[str, Fact]:
    """Return every stored fact by its name, in one query."""
    return {row.name: row.fact for row in StoredFact.objects.all()}


def sign_of_life(facts: Facts) -> dt.datetime | None:
    """Return when the worker was last seen: its start, a beat, or a job that started or ended."""
    seen: list[dt.datetime | None] = [facts[name].at for name in BEATS if name in facts]
    runs = JobRun.objects.order_by("-pk").values_list("started_at", "ended_at", "state")[:LATEST]
    for started_at, ended_at, state in runs:
        # A killed run has the time at which somebody noticed.
        seen += [started_at, ended_at] if state in (JobRun.State.DONE, JobRun.State.FAILED) else [started_at]
    return max(filter(None, seen), default=None)


def last_sign_of_life() -> dt.datetime | None:
    """Return when the worker was last seen, from the database; two queries. Raises DatabaseError."""
    return sign_of_life(known_facts())
