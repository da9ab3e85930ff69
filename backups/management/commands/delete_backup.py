"""Remove a backup for good."""

from backups.management.answers import BackupCommand, refusal, run_or_refuse, tell
from backups.services.running import run_operation


class Command(BackupCommand):
    help = "Remove a backup for good; nothing is removed without --yes."

    def add_arguments(self, parser):
        parser.add_argument("id")
        parser.add_argument("--yes", action="store_true", help="Really remove it.")
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        if not options["yes"]:
            raise refusal(f"Nothing was removed. To remove {options['id']} for good, add --yes.")
        removed = run_or_refuse(lambda: run_operation("delete", None, backup=options["id"]))
        tell(self, removed, {"id": removed.backup_id}, options["json"])
