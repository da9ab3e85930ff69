"""What a start says: one sentence for what stands in its way, and on a terminal what a person needs."""

import os
import re
import signal

import pytest

from billtracker.core.exceptions import DomainError
from billtracker.core.process import launcher
from tests.servers import processes, wait_until

pytestmark = pytest.mark.engines("sqlite")


def test_static_files_that_cannot_be_written_are_one_sentence(settings, tmp_path):
    """S11"""
    (tmp_path / "file").touch()
    settings.DEBUG, settings.STATIC_ROOT = False, tmp_path / "file" / "static"
    mask = os.umask(0o077)
    try:
        with pytest.raises(DomainError, match="static files cannot be written"):
            launcher.prepare_static_files()
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(mask)


def test_a_first_start_says_where_to_sign_in_and_nothing_else(empty_server):
    """S16"""
    empty_server.start().wait_for_answer()
    empty_server.get("/")
    # The worker is up and has done its first jobs.
    wait_until(lambda: "True" in empty_server.ask(HAS_RUN), "a job")
    empty_server.process.send_signal(signal.SIGINT)
    said, _ = empty_server.process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if line]
    assert len(lines) == 2, said
    assert re.search(r"Make the first administrator at http://127\.0\.0\.1:\d+/accounts/setup/", lines[0])
    assert lines[1].startswith("BillTracker is at http://")


HAS_RUN = "from opsstatus.models import JobRun; print(JobRun.objects.filter(state='done').exists())"


@pytest.mark.engines("sqlite", "postgresql")
def test_the_death_of_the_queues_sentinel_ends_serve_with_a_code(server):
    """S15"""
    server.start("--worker")
    worker = wait_until(lambda: server.child("billtracker.worker") or server.child("qcluster"), "the worker")
    sentinel = wait_until(lambda: _child_of(worker), "the sentinel")
    wait_until(lambda: "True" in server.ask(HAS_RUN), "a job")
    os.kill(sentinel, signal.SIGKILL)
    assert server.process.wait(60) == 1


def _child_of(pid: int) -> int:
    return next((one for one, parent, _, _ in processes() if parent == pid), 0)
