"""Run by hand what the worker runs by the clock."""

import logging
import sys

from django.utils.module_loading import import_string

from billtracker.core import audit
from billtracker.core.data.database_errors import fault_of
from billtracker.core.process.commands import DataCommand
from billtracker.core.process.jobs import Job, JobFailed
from billtracker.schedule import SCHEDULE

logger = logging.getLogger(__name__)
IN_PART = 1


class Command(DataCommand):
    help = "Run every scheduled job once, in order; ends with 1 when one of them failed."

    def handle(self, **options):
        done = [self.run(job) for job in SCHEDULE if job.by_hand]
        if not all(done):
            sys.exit(IN_PART)

    def run(self, job: Job) -> bool:
        """Run one job and print its sentence; say whether it came through."""
        try:
            with audit.coming_from(f"job {job.name}"[:60]):
                sentence = import_string(job.name)()
            self.stdout.write(f"{job.name}: {sentence}")
        except JobFailed as failure:
            self.stderr.write(f"{job.name}: failed. {failure}")
        except Exception as error:
            logger.exception("A job run by hand failed: %s", job.name)
            fault = fault_of(error)
            why = f". {fault.sentence}" if fault else f" ({type(error).__name__}); the log has more."
            self.stderr.write(f"{job.name}: failed{why}")
        else:
            return True
        return False
