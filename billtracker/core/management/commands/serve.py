"""``manage.py serve``: web and worker in the foreground, ended by one Ctrl-C."""

import sys

from django.core.management.base import BaseCommand

from billtracker.core.exceptions import DomainError
from billtracker.core.process import launcher


class Command(BaseCommand):
    help = "Migrate, then start the web server and the worker; ends when either ends, with its code."
    requires_system_checks = []

    def add_arguments(self, parser):
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--web", action="store_true", help="only the web server")
        only.add_argument("--worker", action="store_true", help="only the worker")

    def handle(self, *args, web: bool, worker: bool, **options):
        roles = ["web"] if web else ["worker"] if worker else ["web", "worker"]
        try:
            sys.exit(launcher.launch(roles, report=self.say))
        except DomainError as refusal:
            self.stderr.write(refusal.sentence)
            sys.exit(2)

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
