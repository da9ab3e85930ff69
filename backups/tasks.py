"""What the worker does about backups by the clock."""

from backups.services import scheduled


def make_scheduled_backup() -> str:
    """Make the scheduled backup when it is due."""
    return scheduled.run_schedule()


def prove_newest_backup() -> str:
    """Prove the newest backup once a week."""
    return scheduled.run_proof()
