"""Put a backup in place of the live data, while the server runs or while it does not."""

from backups.management.answers import BackupCommand, refusal, run_or_refuse, tell
from backups.management.passphrases import add_passphrase, given_passphrase
from backups.services.running import run_operation


class Command(BackupCommand):
    help = "Restore a backup; the live data are kept as another backup first. Nothing happens without --yes."

    def add_arguments(self, parser):
        parser.add_argument("id")
        parser.add_argument("--yes", action="store_true", help="Really replace the live data.")
        add_passphrase(parser)
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        if not options["yes"]:
            raise refusal(
                f"Nothing was changed. To replace the live data by backup {options['id']}, add --yes."
            )
        arguments = {"backup": options["id"], "passphrase": given_passphrase(options)}
        done = run_or_refuse(lambda: run_operation("restore", None, **arguments))
        data = {
            "id": done.backup_id, "pre_restore": done.pre_restore_id,
            "made_at": done.made_at.isoformat(), "rows": done.row_count, "files": done.file_count,
        }  # fmt: skip
        tell(self, done, data, options["json"])
