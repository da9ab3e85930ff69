"""Status on the command line, for people and for whatever watches this server."""

import json
import sys

from billtracker.core.commands import DataCommand
from opsstatus import gathering

UNHEALTHY = 1


class Command(DataCommand):
    help = "Say how the server fares; ends with 0 when healthy, with 1 when a signal is red."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object, as /api/status gives it")

    def handle(self, *, json: bool, **options):
        picture = gathering.gather()
        self.stdout.write(as_object(picture) if json else gathering.as_text(picture))
        if not picture.is_healthy:
            sys.exit(UNHEALTHY)


def as_object(picture: gathering.Picture) -> str:
    return json.dumps(gathering.as_json(picture), ensure_ascii=False, indent=2)
