"""What the worker does to know how it fares itself."""

import logging
from collections.abc import Callable

from django.db import DatabaseError

from billtracker.core.data.database_errors import fault_of
from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed
from opsstatus import cleanup_tasks, services
from opsstatus.panels import MEASURES

logger = logging.getLogger(__name__)


def beat() -> str:
    """Show that the queue moves, and find the runs of processes that died."""
    services.store_fact("heartbeat", {})
    killed = services.mark_killed_runs()
    return f"The worker is alive; {killed} runs were killed."


def measure() -> str:
    """Count what Status shows and what is too much work for a page; one that fails stops no other."""
    failed = [name for name, count in MEASURES.items() if not _is_measured(name, count)]
    if failed:
        raise JobFailed(f"Could not be measured: {', '.join(failed)}. Status says why.")
    return f"Measured {len(MEASURES)} things."


def _is_measured(name: str, count: Callable[[], dict]) -> bool:
    try:
        services.store_fact(name, count())
    except Exception as error:
        logger.exception("A measurement failed: %s", name)
        services.store_failure(name, error)
        return False
    return True


def check_database() -> str:
    """Check that the database is whole."""
    try:
        sentence = services.check_database()
    except DatabaseError as error:
        fault = fault_of(error)
        raise JobFailed(fault.sentence if fault else f"The check failed ({type(error).__name__}).") from error
    if "faults" in sentence:
        raise JobFailed(sentence)
    return sentence


def check_for_update() -> str:
    """Ask for the latest version, where an address for it is set."""
    return services.check_for_update()


def clean_up() -> str:
    """Remove what has served its time; one task that fails stops no other."""
    try:
        run = cleanup_tasks.clean_up(actor=None)
    except DomainError as refusal:
        return refusal.sentence
    if run.failed:
        raise JobFailed(str(run))
    return str(run)
