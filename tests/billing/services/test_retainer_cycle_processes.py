"""Real processes that run the cycle at once and die half-way: each draft is made, and made once."""

import json
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers import wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PREPARE = """
from tests import factories
from tests.billing.office_file import make_books
factories.make_office()
factories.make_office_user("Biller", username="ben")
make_books()
client = factories.make_client()
[factories.make_engagement(client, title=f"Retainer {{n}}") for n in range({extra})]
"""
STATE = """
import json
from billing.models import CycleLine, CycleRun, Engagement, Statement, StatementLine
from billtracker.core import audit
from billtracker.core.models import AuditEntry
from tests.billing.office_file import expected
rows = Statement.objects.values_list("engagement_id", flat=True)
print(json.dumps({
    "drafts": len(rows), "engagements": len(set(rows)), "lines": StatementLine.objects.count(),
    "entries": AuditEntry.objects.filter(action="statement.drafted").count(),
    "wanted": len(expected(2025, 9)),
    "created": CycleLine.objects.filter(outcome="created").count(),
    "runs": list(CycleRun.objects.order_by("pk").values_list("state", flat=True)),
    "broken": len(audit.verify()),
}))
"""


def running(server, *extra: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *(extra or ("manage.py", "run_retainer_cycle", "2025-09", "--user", "ben"))],
        cwd=settings.BASE_DIR,
        env=server.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def state(server) -> dict:
    return json.loads(server.ask(STATE))


def assert_once(seen: dict, count: int) -> None:
    numbers = (seen["drafts"], seen["engagements"], seen["lines"], seen["entries"], seen["created"])
    assert numbers == (count,) * 5
    assert seen["broken"] == 0


def test_four_processes_at_once_make_each_draft_once(server):
    server.ask(PREPARE.format(extra=300))
    processes = [running(server) for _ in range(4)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, answers
    seen = state(server)
    assert_once(seen, seen["wanted"] + 300)
    assert seen["runs"] == ["done"] * 4


@pytest.mark.parametrize("chunks", [1, 4])
def test_a_run_that_is_killed_half_way_is_completed_by_the_next_one(server, chunks):
    server.ask(PREPARE.format(extra=60))
    victim = running(server, "-m", "tests.processes.slow_cycle", str(chunks))
    wait_until(lambda: victim.stdout.readline().strip() == str(chunks), "the chunks")
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    half = state(server)
    assert 0 < half["drafts"] < half["wanted"] + 60
    assert_once(half, half["drafts"])
    assert half["runs"] == ["running"]

    again = running(server)
    assert "exists" in again.communicate(timeout=120)[0]
    assert again.returncode == 0
    seen = state(server)
    assert_once(seen, seen["wanted"] + 60)
    assert seen["runs"] == ["partial", "done"]
