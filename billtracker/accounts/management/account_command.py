"""What the commands about accounts share: a password on standard input, refusals as one line."""

import sys

from django.core.management.base import CommandError
from django.db import DatabaseError

from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError
from billtracker.core.process.commands import DataCommand

REFUSED = 2


class AccountCommand(DataCommand):
    """A command whose refusals end with exit code 2 and one line on standard error."""

    def execute(self, *args, **options):
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(error.sentence, returncode=REFUSED) from None
        except DatabaseError as error:
            line = str(error).strip().splitlines()[0]
            raise CommandError(f"The database refused: {line}", returncode=REFUSED) from None

    def add_password_argument(self, parser) -> None:
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            required=True,
            help="Read the password from standard input.",
        )

    def read_password(self) -> str:
        """Return the first line of standard input; DomainError when there is none."""
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise DomainError("There is no password on standard input.")
        return password


def user_named(username: str) -> User:
    """Return that user; DomainError when there is none."""
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist:
        raise DomainError(f"There is no user {username!r}.") from None
