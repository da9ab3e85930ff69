"""What the worker does for bills."""

from bills import services
from billtracker.core.jobs import JobFailed


def make_occurrences() -> str:
    """Make every household's occurrences up to the horizon; safe to run twice, catches up."""
    made, failed = services.make_all_occurrences()
    if failed:
        raise JobFailed(f"Made {made} occurrences; {failed} households failed, see the log.")
    return f"Made {made} occurrences."
