"""Create an API token and print it once."""

from billtracker.accounts.management.account_command import AccountCommand, user_named
from billtracker.accounts.sign_in import tokens


class Command(AccountCommand):
    help = "Create an API token for a user; it is printed this once and kept as a hash."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--scope", required=True, metavar="read|write")
        parser.add_argument("--days", type=int, help="Lifetime; without it the token has no end.")
        parser.add_argument("--name", default="")

    def handle(self, *, user, scope, days, name, **options):
        owner = user_named(user)
        if not owner.is_active:
            self.stderr.write(
                f"{owner.username} is switched off: the token works once the account is active."
            )
        _token, plain = tokens.make_token(user=owner, scope=scope, days=days, name=name)
        self.stdout.write(plain)
