"""What the worker does for bills."""

from django.utils import timezone

from bills import services
from billtracker.core.process.jobs import JobFailed


def make_occurrences() -> str:
    """Make every household's occurrences up to the horizon; safe to run twice, catches up."""
    made, failed = services.make_all_occurrences()
    if failed:
        raise JobFailed(f"Made {made} occurrences; {failed} households failed, see the log.")
    return f"Made {made} occurrences."


def send_reminders() -> str:
    """Plan every household's reminders and post those whose hour has come; safe to run twice."""
    run = services.remind_everyone(now=timezone.now())
    if run.failed:
        raise JobFailed(f"{run} {run.failed} households or recipients failed, see the log.")
    return str(run)
