"""Sync bank connections now, in this process."""

import sys

from banksync import services
from banksync.models import Connection, SyncRun
from billtracker.accounts.management.account_command import AccountCommand
from billtracker.core.exceptions import DomainError

IN_PART = 1


class Command(AccountCommand):
    help = "Sync one bank connection, or all; ends with 1 when one of them did not come through whole."

    def add_arguments(self, parser):
        parser.add_argument("--connection", type=int, metavar="ID", help="This one only.")

    def handle(self, *, connection, **options):
        done = [self.sync(row) for row in _list_connections(connection)]
        if not done:
            self.stdout.write("There is no connection to sync.")
        if not all(done):
            sys.exit(IN_PART)

    def sync(self, connection: Connection) -> bool:
        """Sync one connection and print a line; say whether all of it came through."""
        run = services.run_sync(services.start_run(connection=connection, is_manual=True))
        line = (
            f"{connection.pk} {connection}: {run.get_state_display()}. {run.new_count} new, "
            f"{run.changed_count} changed, {run.withdrawn_count} withdrawn, {run.odd_count} left out."
        )
        (self.stdout if run.state == SyncRun.State.OK else self.stderr).write(" ".join([line, *run.errors]))
        return run.state == SyncRun.State.OK


def _list_connections(pk: int | None) -> list[Connection]:
    if pk is None:
        syncing = (Connection.State.ACTIVE, Connection.State.PAYMENT_REQUIRED)
        return list(Connection.objects.filter(state__in=syncing).order_by("pk"))
    connection = Connection.objects.filter(pk=pk).first()
    if connection is None:
        raise DomainError(f"There is no bank connection {pk}.")
    return [connection]
