"""Make a backup now."""

from backups.management.answers import BackupCommand, describe_backup, run_or_refuse, tell
from backups.services.running import run_operation


class Command(BackupCommand):
    help = "Make a backup of the data and the media files while everybody goes on working."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        backup = run_or_refuse(lambda: run_operation("create", None, kind="manual"))
        tell(self, backup, describe_backup(backup), options["json"])
