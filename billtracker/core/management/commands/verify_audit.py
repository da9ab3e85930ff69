"""Say whether every chain of the audit log holds."""

import json
import sys

from billtracker.core import audit
from billtracker.core.models import AuditChain, AuditEntry
from billtracker.core.process.commands import DataCommand

UNHEALTHY = 1


class Command(DataCommand):
    help = "Check the audit log's chains; names the first broken entry of each and ends with 1."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, **options):
        broken = audit.verify()
        counts = {"chains": AuditChain.objects.count(), "entries": AuditEntry.objects.count()}
        if options["json"]:
            faults = [
                {"scope": fault.scope, "position": fault.position, "reason": fault.reason} for fault in broken
            ]
            self.stdout.write(json.dumps({**counts, "holds": not broken, "broken": faults}))
        elif not broken:
            self.stdout.write(f"{counts['entries']} entries in {counts['chains']} chains: every chain holds.")
        for fault in broken if not options["json"] else []:
            self.stdout.write(f"{fault.scope}: broken at entry {fault.position}: {fault.reason}.")
        if broken:
            sys.exit(UNHEALTHY)
