"""Bring a backup in from a file."""

from pathlib import Path

from backups.management.answers import BackupCommand, describe_backup, run_or_refuse, tell
from backups.management.passphrases import add_passphrase, given_passphrase
from backups.services.running import run_operation


class Command(BackupCommand):
    help = (
        "Take a download of a backup, a SQLite database or a pg_dump file into the list, once it is proven."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--sha256", default="", help="Refuse a file of another checksum.")
        add_passphrase(parser)
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        arguments = {
            "path": options["file"].resolve(), "name": options["file"].name, "sha256": options["sha256"],
            "passphrase": given_passphrase(options),
        }  # fmt: skip
        backup = run_or_refuse(lambda: run_operation("import", None, **arguments))
        tell(self, backup, describe_backup(backup), options["json"])
