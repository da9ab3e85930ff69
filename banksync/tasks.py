"""What the worker does for bank sync."""

from banksync import services
from banksync.models import SyncRun
from banksync.services.schedule import PATIENCE
from billtracker.core.process.jobs import JobFailed


def sync_due() -> str:
    """Sync the connections whose time has come; safe to run twice, and in two processes."""
    done = services.sync_due_connections()
    if done.broken:
        raise JobFailed(f"{done} {done.broken} connections failed, see the log.")
    return str(done)


def run_requested_sync(run_id: int) -> str:
    """Do one sync that a person asked for; a second run of the job does nothing."""
    run = SyncRun.objects.filter(pk=run_id).select_related("connection").first()
    if run is None:
        return "The connection is gone."
    run = services.run_sync(run, patience=PATIENCE)
    return f"Sync {run.get_state_display()}: {run.new_count} new, {run.changed_count} changed."
