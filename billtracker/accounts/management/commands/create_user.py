"""Create an account with roles."""

from billtracker.accounts import services
from billtracker.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    help = "Create an account; the password comes on standard input."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        roles = ", ".join(services.ROLES)
        parser.add_argument(
            "--role", action="extend", nargs="+", default=[], metavar="NAME", help=f"One of {roles}."
        )
        self.add_password_argument(parser)

    def handle(self, *, username, email, role, **options):
        password = self.read_password()
        user = services.create_user(actor=None, username=username, password=password, email=email, roles=role)
        roles = ", ".join(services.roles_of(user)) or "no role"
        self.stdout.write(f"{user.username} is created with {roles}.")
