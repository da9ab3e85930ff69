"""Say whether the numbers of issued documents are whole, and whether the balances tie out."""

import json
import sys

from billing.reports.balance_proof import BalanceFault, find_balance_faults
from billing.reports.register import Check, check_numbers
from billtracker.core.process.commands import DataCommand

UNHEALTHY = 1


class Command(DataCommand):
    help = (
        "Check every sequence for missing numbers, and the balances of every day; ends with 1 when one fails."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        checks, faults = check_numbers(), find_balance_faults()
        if options["json"]:
            self.stdout.write(json.dumps([*map(_row_of, checks), _balances_row(faults)]))
        else:
            for sentence in [check.sentence for check in checks] or ["No number has been taken yet."]:
                self.stdout.write(sentence)
            for sentence in [_words_of(fault) for fault in faults] or [
                "Balances: aging and ledger agree on every day."
            ]:
                self.stdout.write(sentence)
        if faults or not all(check.is_whole for check in checks):
            sys.exit(UNHEALTHY)


def _row_of(check: Check) -> dict:
    return {
        "sequence": check.sequence.code,
        "year": check.year,
        "last": check.last,
        "missing": list(check.missing),
        "left_out": [list(gap) for gap in check.left_out],
        "strange": list(check.strange),
        "is_whole": check.is_whole,
    }


def _balances_row(faults: list[BalanceFault]) -> dict:
    """Return the proof of the balances in the form of a sequence's row: whoever reads those reads it too."""
    strange = [_words_of(fault) for fault in faults]
    empty = {"year": 0, "last": 0, "missing": [], "left_out": []}
    return {"sequence": "balances", **empty, "strange": strange, "is_whole": not faults}


def _words_of(fault: BalanceFault) -> str:
    return f"Balances: {fault.sentence} (client {fault.client_id})"
