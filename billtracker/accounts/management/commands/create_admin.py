"""Create an administrator of this server, who is an Admin of its office too."""

from billtracker.accounts import services
from billtracker.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    help = (
        "Create an administrator of this server who is an Admin of its office too; the password comes on "
        "standard input. create_user --role administrator leaves the office out."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        self.add_password_argument(parser)

    def handle(self, *, username, email, **options):
        password = self.read_password()
        user = services.create_administrator(actor=None, username=username, password=password, email=email)
        self.stdout.write(f"{user.username} is an administrator of this server and an Admin of the office.")
