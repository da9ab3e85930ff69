"""Encrypt every stored secret anew with the first of today's keys, so that the older keys may go."""

import json
import sys
from dataclasses import asdict

from billtracker.core import crypto
from billtracker.core.process.commands import DataCommand

IN_PART = 1


class Command(DataCommand):
    help = "Encrypt every stored secret with the first of ENCRYPTION_KEYS; ends with 1 when some are lost."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *, json: bool, **options):
        done = [crypto.reencrypt(model) for model in crypto.models_with_secrets()]
        self.stdout.write(_as_object(done) if json else _as_text(done))
        if any(rotation.lost for rotation in done):
            sys.exit(IN_PART)


def _as_text(done: list[crypto.Rotation]) -> str:
    """Return one line for each model, and what the counts mean for the older keys."""
    lines = [
        f"{one.model}: {one.rotated} encrypted anew, {one.current} were so already, {one.lost} lost"
        for one in done
    ]
    lost = [f"{one.lost} in {one.model}" for one in done if one.lost]
    end = "Every stored secret opens with the first key alone; the others may be taken away."
    if lost:
        end = (
            f"No key opens {', '.join(lost)}. They were left as they are: put their key back behind "
            "the first one and run this again, or enter them again."
        )
    return "\n".join([*lines, end])


def _as_object(done: list[crypto.Rotation]) -> str:
    counts = {name: sum(getattr(one, name) for one in done) for name in ("rotated", "current", "lost")}
    return json.dumps({"models": [asdict(one) for one in done], **counts}, indent=2)
