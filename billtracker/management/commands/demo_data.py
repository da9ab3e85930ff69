"""Load or clear the demo data of one user."""

from django.core.management.base import CommandError

from billtracker import demo
from billtracker.accounts.models import User
from billtracker.core.process.commands import DataCommand


class Command(DataCommand):
    help = "Make a household of demo data for a user, or remove it."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["load", "clear"])
        parser.add_argument("--user", required=True, metavar="NAME")

    def handle(self, *, what, user, **options):
        actor = User.objects.filter(username=user, is_active=True).first()
        if actor is None:
            raise CommandError(f"There is no active user {user!r}; nothing was changed.", returncode=2)
        if what == "load":
            household = demo.load(actor=actor)
            self.stdout.write(
                f"The household {household.name!r} is there with {household.bills.count()} bills."
            )
        else:
            self.stdout.write(f"Removed {demo.clear(actor=actor)} demo households.")
