"""Commands that read or change the data: nobody replaces these while one runs."""

import sys

from django.core.management.base import BaseCommand

from billtracker.core.data import data_lock

REFUSED = 2


class DataCommand(BaseCommand):
    """A command that holds the data while it runs; during a restore it waits, and then refuses.

    Checks of the whole program are for whoever changes it, not for each run.
    """

    requires_system_checks = []

    def execute(self, *args, **options):
        try:
            lock = data_lock.acquire_shared(data_lock.PATIENCE)
        except data_lock.DataLocked as refusal:
            self.stderr.write(refusal.sentence)
            sys.exit(REFUSED)
        try:
            return super().execute(*args, **options)
        finally:
            lock.release()
