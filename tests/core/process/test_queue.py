"""What the worker's processes do with the queue of results, seen from outside."""

import signal
import subprocess
import sys

import pytest
from django.conf import settings

from billtracker.core.process import queue


def test_a_job_that_took_too_long_is_reported_even_if_its_process_is_ended_at_once():
    program = [sys.executable, "-m", "tests.processes.timed_out_jobs", "8"]
    answer = subprocess.run(program, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)
    assert answer.stdout.split() == ["8"], answer.stderr


@pytest.fixture
def ended_by_sigterm():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    "task",
    [
        {"success": True, "result": "django_q.exceptions.TimeoutException: none"},
        {"success": False, "result": "x : Traceback\n  TimeoutException\nValueError: TimeoutException"},
    ],
)
def test_a_process_whose_job_ended_otherwise_can_be_ended_as_before(task, ended_by_sigterm):
    queue.finish_after_timeout(task)
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN
