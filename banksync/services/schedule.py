"""Syncing by the clock and on request: which connections are due, and how often people may ask."""

import datetime as dt
import logging
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from banksync.models import Connection, SyncRun
from banksync.rules.timing import next_sync_at
from banksync.services.syncing import LEASE, run_sync, start_run
from billtracker.core.exceptions import LimitReached
from billtracker.core.process import jobs
from billtracker.core.settings import runtime_settings

logger = logging.getLogger(__name__)
PAUSE = 3.0  # seconds between two connections
# A job is killed after 120 seconds: what does not fit is done by the next one.
PATIENCE, SHORTEST = 90.0, 20.0
MANUAL_LIMIT, MANUAL_SPAN = 10, dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DueSyncs:
    """What one round by the clock did."""

    states: Counter
    broken: int = 0  # by a fault of ours
    left: int = 0

    def __str__(self) -> str:
        if not self.states.total() and not self.broken and not self.left:
            return "No connection was due."
        words = [f"{count} {state}" for state, count in sorted(self.states.items())]
        return f"Synced {self.states.total()} connections ({', '.join(words) or 'none'}), {self.left} left."


def _sync_interval() -> dt.timedelta:
    """Return the time between two syncs by the clock."""
    return dt.timedelta(minutes=int(Decimal(runtime_settings.get("simplefin_sync_hours")) * 60))


def sync_due_connections() -> DueSyncs:
    """Sync every connection whose time has come, those that waited longest first."""
    states: Counter = Counter()
    if not runtime_settings.get("bank_sync_enabled"):
        return DueSyncs(states)
    end, due, broken = time.monotonic() + PATIENCE, _list_due(timezone.now()), 0
    for position, connection in enumerate(due):
        if position:
            time.sleep(PAUSE)
        patience = end - time.monotonic()
        if patience < SHORTEST:
            return DueSyncs(states, broken, len(due) - position)
        try:
            states[run_sync(start_run(connection=connection), patience=patience).state] += 1
        except Exception:
            logger.exception("The sync of bank connection %s failed", connection.pk)
            broken += 1
    return DueSyncs(states, broken)


def _list_due(now: dt.datetime) -> list[Connection]:
    interval = _sync_interval()
    asked = Connection.objects.syncing_by_itself(now).order_by(F("tried_at").asc(nulls_first=True), "pk")
    moments = ((row, next_sync_at(row.tried_at, row.minute, interval)) for row in asked)
    return [row for row, moment in moments if moment is None or moment <= now]


@transaction.atomic
def request_sync(*, actor, connection: Connection, is_backfill: bool = False) -> SyncRun:
    """Have the worker sync a connection now; one that is waited for already is not asked for twice.

    Raises LimitReached for the eleventh time in 15 minutes, DomainError when the connection cannot be synced.
    """
    Connection.objects.select_for_update().get(pk=connection.pk)
    now = timezone.now()
    # One that waits for longer has lost its job.
    waiting = connection.runs.filter(state="waiting", is_manual=True, asked_at__gt=now - LEASE)
    if run := waiting.filter(is_backfill=is_backfill).first():
        return run
    since = now - MANUAL_SPAN
    if SyncRun.objects.filter(actor=actor, is_manual=True, asked_at__gt=since).count() >= MANUAL_LIMIT:
        raise LimitReached(
            f"At most {MANUAL_LIMIT} syncs in 15 minutes. Try again later; nothing was changed.",
            seconds=int(MANUAL_SPAN.total_seconds()),
        )
    run = start_run(connection=connection, actor=actor, is_manual=True, is_backfill=is_backfill)
    jobs.enqueue("banksync.tasks.run_requested_sync", run.pk)
    return run
