"""Cleanup by hand: every task that is switched on, once."""

import json
import sys

from django.core.management.base import CommandError

from billtracker.core.exceptions import DomainError
from billtracker.core.process.commands import DataCommand
from opsstatus import cleanup_tasks

IN_PART, REFUSED = 1, 2


class Command(DataCommand):
    help = "Remove what has served its time; ends with 1 when a task failed, the others still run."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, json: bool, **options):
        try:
            run = cleanup_tasks.clean_up(actor=None)
        except DomainError as refusal:
            raise CommandError(refusal.sentence, returncode=REFUSED) from None
        self.stdout.write(_as_object(run) if json else _as_text(run))
        if run.failed:
            sys.exit(IN_PART)


def _as_text(run: cleanup_tasks.CleanupRun) -> str:
    """Return one line for each task."""
    return "\n".join(f"{cleanup_tasks.BY_NAME[one.name].title}: {one}" for one in run.outcomes)


def _as_object(run: cleanup_tasks.CleanupRun) -> str:
    tasks = [
        {"name": one.name, "state": one.state, "removed": one.removed, "error": one.error}
        for one in run.outcomes
    ]
    return json.dumps({"tasks": tasks}, indent=2)
