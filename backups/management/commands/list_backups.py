"""List the backups."""

import json

from backups.archive.folders import Backup, all_backups
from backups.management.answers import BackupCommand, describe_backup
from backups.private_files import size_words


class Command(BackupCommand):
    help = "List the backups, the newest first."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        backups = all_backups()
        if options["json"]:
            self.stdout.write(
                json.dumps({"backups": [describe_backup(one) for one in backups]}, ensure_ascii=False)
            )
            return
        for backup in backups:
            self.stdout.write(_in_line(backup))
        if not backups:
            self.stdout.write("There is no backup yet; create_backup makes one.")


def _in_line(backup: Backup) -> str:
    """Return ``20261121-110532-manual  12.4 MB  sqlite  1.0  proven 2026-11-21``."""
    if backup.manifest is None:
        return f"{backup.id}  {backup.fault}"
    cells = [
        backup.id, f"{size_words(backup.size):>9}", backup.manifest.engine, backup.manifest.app_version,
        "encrypted" if backup.manifest.is_encrypted else "open", _proof_words(backup),
    ]  # fmt: skip
    return "  ".join(cells)


def _proof_words(backup: Backup) -> str:
    if backup.proof is None:
        return "not verified"
    return f"{'proven' if backup.proof.is_ok else 'NOT GOOD'} {backup.proof.at:%Y-%m-%d}"
