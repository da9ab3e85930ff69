"""What the worker does to know how it fares itself."""

from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed
from opsstatus import cleanup_tasks, services
from opsstatus.panels import MEASURES


def beat() -> str:
    """Show that the queue moves, and find the runs of processes that died."""
    services.store_fact("heartbeat", {})
    killed = services.mark_killed_runs()
    return f"The worker is alive; {killed} runs were killed."


def measure() -> str:
    """Count what Status shows and what is too much work for a page."""
    for name, count in MEASURES.items():
        services.store_fact(name, count())
    return f"Measured {len(MEASURES)} things."


def check_database() -> str:
    """Check that the database is whole."""
    sentence = services.check_database()
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
