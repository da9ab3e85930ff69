"""Plan, post and send reminders now, without waiting for the worker."""

import json
import sys

from django.utils import timezone

from bills import services
from bills.services.reminders import ReminderRun
from billtracker.core.process.commands import DataCommand
from notifications.services import DeliveryResult, deliver_waiting

IN_PART = 1


class Command(DataCommand):
    help = "Plan reminders, post those whose hour has come, and send what waits; 1 when something failed."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="write one JSON object")

    def handle(self, **options):
        run = services.remind_everyone(now=timezone.now())
        delivery = deliver_waiting()
        self.stdout.write(
            json.dumps(_as_facts(run, delivery)) if options["json"] else _in_lines(run, delivery)
        )
        if run.failed:
            self.stderr.write(f"{run.failed} households or recipients failed; the log has more.")
        if run.failed or delivery.failed:
            sys.exit(IN_PART)


def _as_facts(run: ReminderRun, delivery: DeliveryResult) -> dict[str, int]:
    return {
        "planned": run.planned, "withdrawn": run.withdrawn, "posted": run.posted,
        "sent": delivery.sent, "failed": delivery.failed, "left": delivery.left,
        "failed_to_plan_or_post": run.failed,
    }  # fmt: skip


def _in_lines(run: ReminderRun, delivery: DeliveryResult) -> str:
    return f"{run}\n{delivery}"
