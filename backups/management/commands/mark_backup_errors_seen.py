"""Put out the red signals about backups that nothing else puts out."""

import json

from backups import operation_states
from backups.management.answers import BackupCommand, run_or_refuse
from backups.services.faults import mark_fault_seen


class Command(BackupCommand):
    help = "Mark the errors of backups, restores and moves as seen: Status no longer shows them in red."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        seen = [
            run_or_refuse(lambda key=state.key: mark_fault_seen(actor=None, key=key))
            for state in operation_states.open_faults()
        ]
        if options["json"]:
            faults = [{"kind": one.kind, "sentence": one.sentence} for one in seen]
            self.stdout.write(json.dumps({"seen": faults}, ensure_ascii=False))
            return
        for state in seen:
            self.stdout.write(f"{state.kind}: {state.sentence}")
        self.stdout.write(f"{len(seen)} marked as seen." if seen else "There is no open error.")
