"""Prove a backup by restoring it aside."""

import getpass
import sys

from django.core.management.base import BaseCommand

from backups.management.answers import asked, tell
from backups.services.running import run_operation


class Command(BaseCommand):
    help = "Restore a backup aside and compare it with its manifest; ends with 1 when it is not good."

    def add_arguments(self, parser):
        parser.add_argument("id")
        parser.add_argument(
            "--passphrase-stdin", action="store_true", help="Read the passphrase of an encrypted one."
        )
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        passphrase = given_passphrase() if options["passphrase_stdin"] else None
        found = asked(lambda: run_operation("verify", None, backup=options["id"], passphrase=passphrase))
        data = {
            "id": found.backup_id, "ok": found.is_ok, "seconds": round(found.seconds, 1),
            "rows": found.rows, "headline": found.headline, "fault": found.fault,
        }  # fmt: skip
        tell(self, found, data, options["json"])


def given_passphrase() -> str:
    """Read one line from standard input; from a person, without showing it."""
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase: ")
    return sys.stdin.readline().rstrip("\n")
