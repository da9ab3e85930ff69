"""Status on the command line, for people and for whatever watches this server."""

import json
import sys

from django.db import DatabaseError

from billtracker.core.data.database_errors import fault_of
from billtracker.core.process.commands import DataCommand
from opsstatus import panel_results

UNHEALTHY = 1


class Command(DataCommand):
    help = "Say how the server fares; ends with 0 when healthy, with 1 when a signal is red."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object, as /api/status gives it")

    def handle(self, **options):
        picture = panel_results.gather()
        self.stdout.write(_as_object(picture) if options["json"] else panel_results.as_text(picture))
        if not picture.is_healthy:
            sys.exit(UNHEALTHY)

    def execute(self, *args, **options):
        """Answer a database that cannot be opened at all as any other red signal."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if (fault := fault_of(error)) is None:
                raise
            known = {"is_healthy": False, "level": "error", "headline": fault.sentence}
            self.stdout.write(json.dumps(known) if options["json"] else f"ERROR   Database: {fault.sentence}")
            sys.exit(UNHEALTHY)


def _as_object(picture: panel_results.StatusResult) -> str:
    return json.dumps(panel_results.as_json(picture), ensure_ascii=False, indent=2)
