"""Say whether the numbers of issued documents are whole."""

import json
import sys

from billing.reports.register import check_numbers
from billtracker.core.process.commands import DataCommand

UNHEALTHY = 1


class Command(DataCommand):
    help = "Check every sequence for missing numbers; ends with 1 when one is missing without a reason."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        checks = check_numbers()
        if options["json"]:
            answer = [
                {
                    "sequence": check.sequence.code,
                    "year": check.year,
                    "last": check.last,
                    "missing": list(check.missing),
                    "left_out": [list(gap) for gap in check.left_out],
                    "strange": list(check.strange),
                    "is_whole": check.is_whole,
                }
                for check in checks
            ]
            self.stdout.write(json.dumps(answer))
        else:
            for sentence in [check.sentence for check in checks] or ["No number has been taken yet."]:
                self.stdout.write(sentence)
        if not all(check.is_whole for check in checks):
            sys.exit(UNHEALTHY)
