"""Carry all data to another database."""

from backups.management.answers import BackupCommand, run_or_refuse, tell
from backups.services.running import run_operation


class Command(BackupCommand):
    help = "Carry all data from SQLite to Postgres or back, and prove every row and total equal."

    def add_arguments(self, parser):
        parser.add_argument(
            "--to",
            required=True,
            metavar="URL",
            help="postgres://user:password@host:port/name, sqlite:///path, or sqlite for the own file",
        )
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, *, to: str, json: bool, **options):
        move = run_or_refuse(lambda: run_operation("move", None, url=to))
        data = {"from": move.source, "to": move.target, "rows": move.row_count, "tables": move.table_count}
        tell(self, move, data, json)
