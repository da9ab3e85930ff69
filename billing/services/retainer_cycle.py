"""Running the retainer cycle: one draft for each engagement and period, every run and line kept."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, Max
from django.utils import timezone

from billing.models import CycleLine, CycleRun, Engagement, Statement, StatementLine
from billing.reports import retainer_cycle as reports
from billing.reports.retainer_cycle import CycleOutcome, Outcome
from billing.rules import policy
from billing.services.periods import require_open
from billtracker.core import audit
from billtracker.core.data.bulk_writes import copies, insert_all, reserve_keys
from billtracker.core.data.gc_pause import collector_paused
from billtracker.core.data.named_locks import try_database_lock
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month
from billtracker.core.process import jobs

State = CycleRun.State
LARGEST_AT_ONCE = 500  # engagements that a page waits for; more is the worker's
PATIENCE = 90.0  # seconds to wait for another run


def preview_cycle(*, actor, month: Month) -> list[CycleOutcome]:
    """Return what a run for the month would do with each engagement, by key. Writes nothing."""
    policy.require(actor, policy.Permission.DRAFT)
    return list(reports.found_in(month, actor))


def run_cycle(*, actor, month: Month) -> CycleRun:
    """Make the month's missing drafts, here and now; the run that is returned has its lines and counts.

    Safe at any time, twice and in several processes: the database holds one live statement for each
    engagement and period. An engagement that fails stops no other, and the run is "partial".
    """
    policy.require(actor, policy.Permission.DRAFT)
    with only_run():
        return _finish(begin(actor, month, State.RUNNING))


def request_cycle(*, actor, month: Month) -> CycleRun:
    """Run a small cycle at once; hand a larger one to the worker and return the run that waits for it."""
    policy.require(actor, policy.Permission.DRAFT)
    if not cycle_is_for_worker():
        return run_cycle(actor=actor, month=month)
    with transaction.atomic():
        run = begin(actor, month, State.WAITING)
        jobs.enqueue("billing.tasks.run_retainer_cycle", run.pk)
    return run


def cycle_is_for_worker() -> bool:
    """Say whether a run is too long for a page to wait for."""
    return Engagement.objects.retainers().count() > LARGEST_AT_ONCE


def continue_cycle(*, run: CycleRun) -> CycleRun:
    """Do what a waiting run has left to do; one that is over stays as it is. Safe to call twice."""
    with only_run(run):
        run.refresh_from_db()
        if not run.is_open:
            return run
        if not policy.may(run.actor, policy.Permission.DRAFT):
            return end(run)
        CycleRun.objects.filter(pk=run.pk).update(state=State.RUNNING)
        return _finish(run)


def catch_up(*, actor, months: Sequence[Month]) -> list[CycleRun]:
    """Run the cycle for each of the months, the oldest first."""
    policy.require(actor, policy.Permission.DRAFT)
    return [request_cycle(actor=actor, month=month) for month in sorted(set(months))]


# --- a run -------------------------------------------------------------------------------------
@contextmanager
def only_run(run: CycleRun | None = None) -> Iterator[None]:
    """Wait for another process's run, and mark those whose process died; death lets go of the lock."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with try_database_lock("retainer-cycle") as is_mine:
            if is_mine:
                _mark_dead_runs(run)
                yield
                return
        if time.monotonic() > deadline:
            raise DomainError(
                "Another run of the cycle is under way. Nothing was made; try again when it is done.",
                code="busy",
            )
        time.sleep(0.05)


def _mark_dead_runs(own: CycleRun | None) -> int:
    """Mark runs as partial that nobody works on: whoever holds the lock is alone."""
    dead = CycleRun.objects.filter(state=State.RUNNING).exclude(pk=own.pk if own else 0)
    return dead.update(state=State.PARTIAL, ended_at=timezone.now())


def begin(actor, month: Month, state: str) -> CycleRun:
    total = Engagement.objects.retainers().count()
    return CycleRun.objects.create(
        period=month.first_day, actor=actor, state=state, started_at=timezone.now(), total_count=total
    )


def _finish(run: CycleRun) -> CycleRun:
    """Do every engagement that has no line in the run yet, chunk by chunk, and end the run."""
    last = run.lines.aggregate(last=Max("engagement"))["last"] or 0
    try:
        for keys in reports.retainers(after=last):
            do_chunk(run, keys)
    except Exception:
        # What was made stays; the next run makes the rest.
        with suppress(DatabaseError):
            end(run, is_whole=False)
        raise
    return end(run)


@transaction.atomic
def end(run: CycleRun, *, is_whole: bool = True) -> CycleRun:
    """Close the run's books: done when nothing failed, else partial."""
    run.refresh_from_db()
    is_done = is_whole and not run.failed_count and run.state == State.RUNNING
    run.state, run.ended_at = State.DONE if is_done else State.PARTIAL, timezone.now()
    run.save(update_fields=["state", "ended_at"])
    counts = {outcome: [None, getattr(run, f"{outcome}_count")] for outcome in Outcome.values}
    audit.record(run.actor, "cycle.run", run, {"state": [None, run.state], **counts})
    return run


# --- a chunk -----------------------------------------------------------------------------------
def do_chunk(run: CycleRun, keys: Sequence[int]) -> None:
    """Make the drafts of these engagements in one short transaction; if it fails, one by one."""
    try:
        with collector_paused(), transaction.atomic():
            write(run, reports.found_for(keys, Month.of(run.period), run.actor), len(keys))
    except OperationalError:
        raise  # the database is away or busy: that is nobody's poison
    except Exception as error:
        if len(keys) == 1:
            with transaction.atomic():
                write(run, [reports.failure_of(keys[0], error)], 1)
        else:
            for key in keys:
                do_chunk(run, [key])


def write(run: CycleRun, found: list[CycleOutcome], seen: int) -> None:
    """Write drafts, audit entries and lines, and count them; call it in a transaction."""
    made = _make_drafts(run, [one for one in found if one.outcome == Outcome.CREATED])
    blanks = copies(CycleLine(run_id=run.pk), len(found))
    lines = [_filled_cycle_line(blank, one, made) for blank, one in zip(blanks, found, strict=True)]
    insert_all(CycleLine, lines)
    counts = Counter(line.outcome for line in lines)
    CycleRun.objects.filter(pk=run.pk).update(
        seen_count=F("seen_count") + seen,
        **{f"{outcome}_count": F(f"{outcome}_count") + count for outcome, count in counts.items()},
    )


def _filled_cycle_line(line: CycleLine, found: CycleOutcome, made: dict[int, int]) -> CycleLine:
    """Fill the run's line for one engagement; a draft that another process made meanwhile is there."""
    line.engagement_id, line.outcome, line.reason = found.engagement_id, found.outcome, found.reason
    line.statement_id = made.get(found.engagement_id, found.statement_id)
    if line.outcome == Outcome.CREATED and line.statement_id is None:
        line.outcome = Outcome.EXISTS
    return line


def _make_drafts(run: CycleRun, found: list[CycleOutcome]) -> dict[int, int]:
    """Write the drafts that are not there yet; returns {engagement: statement} of those this run made."""
    if not found:
        return {}
    require_open(actor=run.actor, day=run.period, doing=f"the cycle with {len(found)} drafts")
    drafts = _drafts_of(run, found, reserve_keys(Statement, len(found)))
    # A draft that somebody else made just now fails the chunk, which is then done one by one.
    insert_all(Statement, drafts, ignore_conflicts=len(drafts) == 1)
    there = Statement.objects.filter(pk__gte=drafts[0].pk, pk__lte=drafts[-1].pk)
    own = {draft.pk for draft in drafts} & set(there.order_by().values_list("pk", flat=True))
    made = [(draft, _words_of(one)) for draft, one in zip(drafts, found, strict=True) if draft.pk in own]
    insert_all(StatementLine, _lines_for(made))
    entries = ((draft, _changes_of(draft, words)) for draft, words in made)
    audit.record_many(run.actor, "statement.drafted", entries, scope=audit.OFFICE)
    return {one.engagement_id: draft.pk for one, draft in zip(found, drafts, strict=True) if draft.pk in own}


def _words_of(found: CycleOutcome) -> str:
    return found.planned.description if found.planned else ""


def _drafts_of(run: CycleRun, found: list[CycleOutcome], keys: list[int]) -> list[Statement]:
    """Return the unsaved drafts of what was planned."""
    kind, now = Statement.Kind.RETAINER, timezone.now()
    blanks = copies(Statement(kind=kind, created_by_id=run.actor_id, created_at=now), len(found))
    return [_filled_draft(*parts) for parts in zip(blanks, found, keys, strict=True)]


def _filled_draft(draft: Statement, found: CycleOutcome, key: int) -> Statement:
    planned = found.planned
    if planned is None:
        raise ValueError("Only what is planned becomes a draft.")
    draft.pk, draft.client_id, draft.engagement_id = key, found.client_id, found.engagement_id
    draft.period_start, draft.period_end = planned.period_start, planned.period_end
    draft.currency, draft.total = found.currency, planned.amount
    draft.issue_date, draft.due_date = planned.issue_date, found.due_date
    return draft


def _lines_for(drafts: list[tuple[Statement, str]]) -> list[StatementLine]:
    """Return the one line of each draft, with these words."""
    blanks = copies(StatementLine(position=1), len(drafts))
    return [_filled_line(blank, *draft) for blank, draft in zip(blanks, drafts, strict=True)]


def _filled_line(line: StatementLine, draft: Statement, words: str) -> StatementLine:
    line.statement, line.engagement_id = draft, draft.engagement_id
    line.description, line.unit_price, line.amount = words, draft.total, draft.total
    return line


def _changes_of(draft: Statement, words: str) -> dict:
    """Return what the audit log keeps of a new draft, in the form that other drafts have there."""
    return {"total": [None, draft.total], "lines": [[], [f"1.00  × {draft.total:f}: {words}"]]}
