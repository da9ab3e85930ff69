"""Connect a bank with a setup token, or confirm where one leads."""

import sys

from banksync import services
from banksync.models import Connection
from billtracker.accounts.management.account_command import AccountCommand, user_named
from billtracker.accounts.models import Household, User
from billtracker.core.exceptions import DomainError, NotAllowed

IN_PART = 1


class Command(AccountCommand):
    help = "Connect a bank; the SimpleFIN setup token, or an access URL, comes on standard input."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--household", type=int, metavar="ID", help="One of several households.")
        parser.add_argument("--name", default="", help="What to call the connection.")
        parser.add_argument(
            "--confirm", type=int, metavar="ID", help="Confirm the server of this connection instead."
        )

    def handle(self, *, user, household, name, confirm, **options):
        actor = user_named(user)
        home = _household_of(actor, household)
        if confirm is None:
            connection = services.connect_bank(actor=actor, household=home, token=_read_token(), name=name)
        else:
            connection = services.confirm_host(actor=actor, connection=_connection_of(home, confirm))
        if connection.state == Connection.State.UNCONFIRMED:
            self.stderr.write(
                f"The token led to another server, {connection.host}. It is asked for nothing until you run "
                f"this command with --confirm {connection.pk}."
            )
            sys.exit(IN_PART)
        self.stdout.write(
            f"{connection} is connected (ID {connection.pk}). The worker syncs it within minutes."
        )


def _household_of(actor: User, pk: int | None) -> Household:
    memberships = actor.memberships.select_related("household")
    found = list(memberships.filter(household_id=pk) if pk else memberships)
    if len(found) != 1:
        ids = ", ".join(str(one.household_id) for one in memberships) or "none"
        raise DomainError(f"Name one household with --household; {actor} has {ids}.")
    if not found[0].may_edit:
        raise NotAllowed(f"{actor} is a viewer of this household and can't connect a bank.")
    return found[0].household


def _connection_of(household: Household, pk: int) -> Connection:
    connection = Connection.objects.filter(household=household, pk=pk).first()
    if connection is None:
        raise DomainError(f"There is no connection {pk} in this household.")
    return connection


def _read_token() -> str:
    token = sys.stdin.read(10_000)
    if not token.strip():
        raise DomainError("There is no setup token on standard input.")
    return token
