"""Cleanup by hand: every task that is switched on, once."""

import json
import sys

from django.core.management.base import CommandError

from billtracker.core.commands import DataCommand
from billtracker.core.exceptions import DomainError
from opsstatus import cleaning

IN_PART, REFUSED = 1, 2


class Command(DataCommand):
    help = "Remove what has served its time; ends with 1 when a task failed, the others still run."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, json: bool, **options):
        try:
            run = cleaning.clean_up(actor=None)
        except DomainError as refusal:
            raise CommandError(refusal.sentence, returncode=REFUSED) from None
        self.stdout.write(as_object(run) if json else as_text(run))
        if run.failed:
            sys.exit(IN_PART)


def as_text(run: cleaning.Run) -> str:
    """Return one line for each task."""
    return "\n".join(f"{cleaning.BY_NAME[one.name].title}: {one}" for one in run.outcomes)


def as_object(run: cleaning.Run) -> str:
    tasks = [
        {"name": one.name, "state": one.state, "removed": one.removed, "error": one.error}
        for one in run.outcomes
    ]
    return json.dumps({"tasks": tasks}, indent=2)
