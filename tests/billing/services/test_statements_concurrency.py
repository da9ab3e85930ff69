"""Real processes that issue at once, roll back and die: numbers stay without gap or repeat."""

import json
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers import wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PREPARE = """
from tests import factories; from billing import services
factories.make_office()
submitter, issuer = factories.make_office_user("Biller"), factories.make_office_user("Reviewer")
client = factories.make_client()
drafts = [factories.make_draft(client, created_by=submitter) for _ in range({count})]
[services.submit_statement(actor=submitter, statement=draft) for draft in drafts]
print(issuer.pk, *[draft.pk for draft in drafts])
"""
NUMBERS = """
import json; from billing.models import Statement; from billing.reports.register import check_numbers
from billtracker.core import audit
rows = Statement.objects.numbered().order_by("sequence_number")
numbers = list(rows.values_list("sequence_number", flat=True))
print(json.dumps([numbers, [check.sentence for check in check_numbers()], len(audit.verify())]))
"""


def issuing(server, actor: str, ids: list[str], seed: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.processes.issuer", ",".join(ids), actor, str(seed)]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=server.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_two_hundred_issues_with_rollbacks_and_a_kill_leave_no_gap_and_no_repeat(server):
    actor, *ids = server.ask(PREPARE.format(count=200)).split()
    # Four processes; two of them share their statements, so that each of those is issued twice at once.
    shares = [ids[:60], ids[60:120], ids[120:], ids[120:]]
    processes = [issuing(server, actor, share, seed) for seed, share in enumerate(shares)]
    victim = processes[0]
    wait_until(lambda: victim.stdout.readline(), "the first number")
    victim.send_signal(signal.SIGKILL)
    assert [process.wait(timeout=300) for process in processes] == [-9, 0, 0, 0]
    for process in processes:
        process.communicate()

    numbers, sentences, broken_chains = json.loads(server.ask(NUMBERS))
    assert numbers == list(range(1, len(numbers) + 1))
    assert 140 < len(numbers) < 200
    assert sentences == [f"SOA 2026: 1 to {len(numbers)}, no gap"]
    assert broken_chains == 0

    again = issuing(server, actor, ids[:60], seed=9)
    assert again.wait(timeout=300) == 0, again.communicate()
    numbers, sentences, broken_chains = json.loads(server.ask(NUMBERS))
    assert numbers == list(range(1, 201))
    assert (sentences, broken_chains) == (["SOA 2026: 1 to 200, no gap"], 0)
