"""The process of an operation that a page or the schedule started; people use the other commands."""

import json
import logging
import sys

from backups.management.answers import BackupCommand
from backups.services.running import run_operation
from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError

logger = logging.getLogger(__name__)
FAILED, REFUSED = 1, 2


class Command(BackupCommand):
    help = "Do one operation on backups; the server starts it, with its request on standard input."

    def add_arguments(self, parser):
        parser.add_argument("key")

    def handle(self, key, **options):
        request = json.load(sys.stdin)
        actor = User.objects.filter(pk=request["actor"]).first() if request["actor"] else None
        try:
            run_operation(request["kind"], actor, key=key, lock=request["lock"], **request["arguments"])
        except DomainError:
            sys.exit(REFUSED)  # its state says why
        except Exception:
            logger.exception("An operation on backups failed")
            sys.exit(FAILED)
