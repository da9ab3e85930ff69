"""Prove a backup by restoring it aside."""

from backups.management.answers import BackupCommand, run_or_refuse, tell
from backups.management.passphrases import add_passphrase, given_passphrase
from backups.services.running import run_operation


class Command(BackupCommand):
    help = "Restore a backup aside and compare it with its manifest; ends with 1 when it is not good."

    def add_arguments(self, parser):
        parser.add_argument("id")
        add_passphrase(parser)
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        arguments = {"backup": options["id"], "passphrase": given_passphrase(options)}
        found = run_or_refuse(lambda: run_operation("verify", None, **arguments))
        data = {
            "id": found.backup_id, "ok": found.is_ok, "seconds": round(found.seconds, 1),
            "rows": found.rows, "headline": found.headline, "fault": found.fault,
        }  # fmt: skip
        tell(self, found, data, options["json"])
