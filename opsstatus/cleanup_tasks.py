"""Cleanup: one list of what is removed, when and by whose service; running it, and what the last runs did."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backups.archive.leftovers import remove_stale
from bills.services import purge_bin
from billtracker.accounts.sign_in.sessions import remove_expired_sessions
from billtracker.core import audit
from billtracker.core.data.idempotency import forget_old_keys
from billtracker.core.data.named_locks import try_database_lock
from billtracker.core.data.stale_files import remove_old_exports
from billtracker.core.exceptions import DomainError
from billtracker.core.imports.history import forget_import_history
from billtracker.core.imports.previews import forget_old_files
from billtracker.core.process.health import Facts, span_words
from billtracker.core.settings import runtime_settings
from notifications.services import trim_messages
from opsstatus import services
from opsstatus.models import StoredFact

logger = logging.getLogger(__name__)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
RUN, OF_TASK = "cleanup", "cleanup:"  # the names of the facts that are remembered


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list; ``work`` removes what is older than the age and says how many of what."""

    name: str
    title: str | Promise
    rule: str | Promise  # a sentence; %(age)s stands for the age in words
    work: Callable[..., Mapping[str, int]]
    unit: dt.timedelta = DAY
    age: int | str = 0  # how many units, or the setting that says so
    switch: str = ""  # the setting that turns it on and off; without one it is always on

    def is_on(self, known: Mapping[str, Any]) -> bool:
        """Say whether the settings, {name: value}, have it on."""
        return not self.switch or known[self.switch]

    def older_than(self, known: Mapping[str, Any]) -> dt.timedelta:
        return self.unit * (known[self.age] if isinstance(self.age, str) else self.age)


TASKS = (
    Task(
        "import_previews", gettext_lazy("Expired import previews"),
        gettext_lazy("The stored file and rows of imports that were uploaded %(age)s ago or earlier; what "
                     "was not applied by then counts as expired."),
        forget_old_files, HOUR, 24, "cleanup_import_previews",
    ),
    Task(
        "exports", gettext_lazy("Temporary exports"),
        gettext_lazy("Files in the exports folder last changed %(age)s ago or earlier. Close packs and "
                     "account statements are evidence, kept elsewhere, and never removed."),
        remove_old_exports, HOUR, "cleanup_exports_hours", "cleanup_exports",
    ),
    Task(
        "backup_leftovers", gettext_lazy("Leftovers of backups"),
        gettext_lazy("Unfinished backups and uploads that nobody has touched for %(age)s. Whole backups are "
                     "never removed by cleanup."),
        lambda older_than: {"leftovers": remove_stale(older_than, timezone.now())},
        HOUR, 2, "cleanup_backup_leftovers",
    ),
    Task(
        "import_history", gettext_lazy("Import history"),
        gettext_lazy("Imports applied, undone or expired %(age)s ago or earlier. What they brought in "
                     "stays, but cannot be undone as a whole any more."),
        forget_import_history, DAY, "cleanup_import_history_days", "cleanup_import_history",
    ),
    Task(
        "bin", gettext_lazy("Deleted bills and categories"),
        gettext_lazy("Bills and categories deleted %(age)s ago or earlier, with their due dates and "
                     "payments. A bill that shares a payment with one that stays is kept."),
        purge_bin, DAY, 30,
    ),
    Task(
        "sessions", gettext_lazy("Sessions"),
        gettext_lazy("Sessions past their end. Nobody is signed out by it."),
        remove_expired_sessions, switch="cleanup_records",
    ),
    Task(
        "job_history", gettext_lazy("Job history"),
        gettext_lazy("Runs of jobs that started %(age)s ago or earlier, and those beyond the last 20,000."),
        services.remove_old_runs, DAY, 30, "cleanup_records",
    ),
    Task(
        "errors", gettext_lazy("Resolved errors"),
        gettext_lazy("Errors that somebody resolved %(age)s ago or earlier and that did not come again."),
        services.remove_resolved_errors, DAY, 30, "cleanup_records",
    ),
    Task(
        "messages", gettext_lazy("Messages"),
        gettext_lazy("Messages posted %(age)s ago or earlier that were sent, withdrawn or given up; "
                     "the text of mails about accounts as soon as they ended."),
        trim_messages, DAY, 90, "cleanup_records",
    ),
    Task(
        "idempotency_keys", gettext_lazy("Keys of repeated requests"),
        gettext_lazy("Idempotency keys that scripts sent %(age)s ago or earlier. What they made stays; the "
                     "same key makes a new thing from then on."),
        forget_old_keys, DAY, 90, "cleanup_records",
    ),
)  # fmt: skip
BY_NAME = {task.name: task for task in TASKS}


# --- what it did -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Outcome:
    """What one task did at its last run: how many of what it removed, or the kind of error in its way."""

    name: str
    removed: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    is_off: bool = False

    @property
    def state(self) -> str:
        return "failed" if self.error else ("skipped" if self.is_off else "done")

    def __str__(self) -> str:
        if self.error:
            return _("Failed (%(kind)s); the log has more. What it did not remove is still there.") % {
                "kind": self.error
            }
        return _("Switched off.") if self.is_off else _removed_words(self.removed)


@dataclass(frozen=True, slots=True)
class CleanupRun:
    """What a run did, task by task."""

    outcomes: Sequence[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]

    def __str__(self) -> str:
        """One sentence that counts things and names no person."""
        total: dict[str, int] = {}
        for name, count in (pair for outcome in self.outcomes for pair in outcome.removed.items()):
            total[name] = total.get(name, 0) + count
        if not self.failed:
            return _removed_words(total)
        titles = ", ".join(str(BY_NAME[outcome.name].title) for outcome in self.failed)
        return f"{_removed_words(total)} " + _("Failed: %(tasks)s.") % {"tasks": titles}


def _removed_words(removed: Mapping[str, int]) -> str:
    """Say how many of what: ``Removed 2 bills, 26 due dates.``"""
    counted = [_counted_words(name, count) for name, count in removed.items() if count]
    return _("Removed %(things)s.") % {"things": ", ".join(counted)} if counted else _("Nothing to remove.")


def _counted_words(name: str, count: int) -> str:
    words = {
        "previews": ngettext("%(n)s import preview", "%(n)s import previews", count),
        "rows": ngettext("%(n)s previewed row", "%(n)s previewed rows", count),
        "files": ngettext("%(n)s file", "%(n)s files", count),
        "bytes": ngettext("%(n)s byte", "%(n)s bytes", count),
        "leftovers": ngettext("%(n)s leftover", "%(n)s leftovers", count),
        "batches": ngettext("%(n)s import", "%(n)s imports", count),
        "bills": ngettext("%(n)s bill", "%(n)s bills", count),
        "due_dates": ngettext("%(n)s due date", "%(n)s due dates", count),
        "payments": ngettext("%(n)s payment", "%(n)s payments", count),
        "categories": ngettext("%(n)s category", "%(n)s categories", count),
        "sessions": ngettext("%(n)s session", "%(n)s sessions", count),
        "runs": ngettext("%(n)s job run", "%(n)s job runs", count),
        "failures": ngettext("%(n)s kept failure", "%(n)s kept failures", count),
        "errors": ngettext("%(n)s resolved error", "%(n)s resolved errors", count),
        "messages": ngettext("%(n)s message", "%(n)s messages", count),
        "keys": ngettext("%(n)s key", "%(n)s keys", count),
    }
    return words[name] % {"n": f"{count:,}"}


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """A task as it stands: on or off, its rule with today's age, and what it did when it ran last."""

    task: Task
    is_on: bool
    rule: str
    at: dt.datetime | None
    outcome: Outcome | None

    @property
    def is_failed(self) -> bool:
        return self.is_on and self.outcome is not None and self.outcome.state == "failed"


def standings(facts: Facts) -> list[TaskStanding]:
    """Return every task as it stands, from the stored facts and the settings, in one query."""
    known, found = _known_settings(), []
    for task in TASKS:
        fact, age = facts.get(OF_TASK + task.name), span_words(task.older_than(known))
        outcome = Outcome(task.name, **fact.values) if fact else None
        rule = str(task.rule) % {"age": age}
        found.append(TaskStanding(task, task.is_on(known), rule, fact.at if fact else None, outcome))
    return found


def _known_settings() -> dict[str, Any]:
    return {name: one.value for name, one in runtime_settings.found_all().items()}


# --- doing it ----------------------------------------------------------------------------------
def clean_up(*, actor, names: Iterable[str] | None = None) -> CleanupRun:
    """Run every task that is switched on, or those named; one that fails stops no other.

    What each removed is remembered for the pages; what a person asked for is audited. Raises DomainError
    when a named task is switched off or another process is at it, KeyError for a name that is not there.
    """
    asked, known = [BY_NAME[name] for name in names] if names is not None else list(TASKS), _known_settings()
    if names is not None and (off := [task for task in asked if not task.is_on(known)]):
        raise DomainError(f"{off[0].title} is switched off in the settings. Nothing was removed.")
    with try_database_lock("cleanup") as is_ours:
        if not is_ours:
            raise DomainError("Another cleanup is running; this one left everything to it.", code="running")
        run = CleanupRun([_outcome_of(task, known) for task in asked])
    fact = RUN if names is None else OF_TASK + run.outcomes[0].name
    if names is None:
        services.store_fact(RUN, {"failed": [outcome.name for outcome in run.failed]})
    if actor is not None:
        record(actor, run, StoredFact.objects.get(pk=fact))
    return run


def _outcome_of(task: Task, known: Mapping[str, Any]) -> Outcome:
    """Run one task and remember what it did; one that is off leaves its last result as it was."""
    try:
        if not task.is_on(known):
            return Outcome(task.name, is_off=True)
        outcome = Outcome(task.name, dict(task.work(older_than=task.older_than(known))))
    except Exception as error:
        logger.exception("A cleanup task failed: %s", task.name)
        outcome = Outcome(task.name, error=type(error).__name__)
    services.store_fact(OF_TASK + task.name, {"removed": outcome.removed, "error": outcome.error})
    return outcome


@transaction.atomic
def record(actor, run: CleanupRun, target: StoredFact) -> None:
    changes = {outcome.name: [dict(outcome.removed), outcome.error or None] for outcome in run.outcomes}
    audit.record(actor, "cleanup.run", target, changes, scope=audit.OFFICE)
