"""Create an administrator of this server."""

from billtracker.accounts import services
from billtracker.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    help = "Create an administrator; the password comes on standard input."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        self.add_password_argument(parser)

    def handle(self, *, username, email, **options):
        password = self.read_password()
        user = services.create_administrator(actor=None, username=username, password=password, email=email)
        self.stdout.write(f"{user.username} is an administrator.")
