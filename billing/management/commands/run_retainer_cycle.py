"""Run the retainer cycle for a month on the command line, or only show what it would do."""

import json
import sys
from collections import Counter
from collections.abc import Iterable

from billing import services
from billing.models import CycleRun
from billing.reports.retainer_cycle import CycleOutcome, Outcome, parse_month
from billtracker.accounts.management.account_command import AccountCommand
from billtracker.accounts.models import User
from billtracker.core.exceptions import DomainError

PARTIAL = 1
TOLD = (Outcome.SKIPPED, Outcome.FAILED)
# Outcome, reason, and whose: client and engagement.
Line = tuple[str, str, str]


class Command(AccountCommand):
    help = "Make the month's drafts for all retainers, once; ends with 1 when one of them failed."

    def add_arguments(self, parser):
        parser.add_argument("period", metavar="PERIOD", help="A month such as 2025-09.")
        parser.add_argument("--user", required=True, metavar="NAME", help="Who makes the drafts.")
        parser.add_argument("--dry-run", action="store_true", help="Write nothing; show what would be made.")
        parser.add_argument("--json", action="store_true", help="Answer for machines.")

    def handle(self, *, period, user, dry_run, **options):
        month = parse_month(period)
        actor = User.objects.filter(username=user, is_active=True).first()
        if actor is None:
            raise DomainError(f"There is no active user {user!r}. Nothing was made.")
        run = None if dry_run else services.run_cycle(actor=actor, month=month)
        lines = _lines_of(run) if run else _foreseen(services.preview_cycle(actor=actor, month=month))
        report = _describe_run(str(month), run, lines)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else _in_lines(report))
        if report["counts"][Outcome.FAILED] or report["state"] == CycleRun.State.PARTIAL:
            sys.exit(PARTIAL)


def _lines_of(run: CycleRun) -> Iterable[Line]:
    """Yield the lines of a stored run."""
    names = ("engagement__client__name", "engagement__title")
    for outcome, reason, client, title in run.lines.values_list("outcome", "reason", *names):
        yield outcome, reason, f"{client}, {title}"


def _foreseen(found: Iterable[CycleOutcome]) -> Iterable[Line]:
    """Yield the lines that a run would have."""
    for one in found:
        name = f"{one.client}, {one.title}" if one.client else f"engagement {one.engagement_id}"
        yield one.outcome, one.reason, name


def _describe_run(month: str, run: CycleRun | None, lines: Iterable[Line]) -> dict:
    """Return what machines read: the counts, and who was skipped or failed."""
    counts, told = Counter(dict.fromkeys(Outcome.values, 0)), []
    for outcome, reason, name in lines:
        counts[outcome] += 1
        if outcome in TOLD:
            told.append({"outcome": outcome, "engagement": name, "reason": reason})
    state = run.state if run else "dry run"
    return {"period": month, "run": run and run.pk, "state": state, "counts": dict(counts), "lines": told}


def _in_lines(report: dict) -> str:
    """Return the report for people: who was skipped or failed and why, then the counts."""
    lines = [f"{line['outcome']}: {line['engagement']}: {line['reason']}" for line in report["lines"]]
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report["counts"].items())
    return "\n".join([*lines, f"{report['period']}, {report['state']}: {counts}."])
