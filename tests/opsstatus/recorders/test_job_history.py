"""The job history tells what came of every run, also of those whose process died."""

import datetime as dt
import socket
import subprocess
import sys

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signals import post_execute, pre_execute

from billtracker.core.process import jobs
from billtracker.core.process.jobs import JobFailed
from opsstatus import services, tasks
from opsstatus.models import JobRun, RecentError
from opsstatus.recorders import job_history
from tests.factories import make_job_run

pytestmark = pytest.mark.django_db
NAME = "bills.tasks.make_occurrences"
DAY = dt.timedelta(days=1)
TRACEBACK = """1850.00 for Rent of anna : Traceback (most recent call last):
  File "{base}/bills/services/bills.py", line 12, in save_bill
    raise {kind}("1850.00 for Rent of anna")
  File "/usr/lib/python3/decimal.py", line 3, in quantize
{kind}: 1850.00 for Rent of anna
"""


def task_of(**overrides) -> dict:
    now = timezone.now()
    return {"id": "a" * 32, "name": "blue-moon", "func": NAME, "started": now, "args": (), **overrides}


def ended(success: bool, result) -> JobRun:
    task = task_of()
    pre_execute.send(sender="django_q", func=None, task=task)
    done = task | {"success": success, "result": result, "stopped": timezone.now()}
    post_execute.send(sender="django_q", task=done)
    return JobRun.objects.get()


def traceback_of(kind: str, settings) -> str:
    return TRACEBACK.format(kind=kind, base=settings.BASE_DIR)


def test_a_run_shows_while_it_runs():
    pre_execute.send(sender="django_q", func=None, task=task_of())
    run = JobRun.objects.get()
    assert (run.name, run.state, run.ended_at, run.seconds) == (NAME, "running", None, None)
    assert run.queued_at <= run.started_at


def test_a_run_that_came_through_keeps_its_sentence():
    run = ended(True, "Made 3 occurrences.")
    assert (run.state, run.sentence, run.error) == ("done", "Made 3 occurrences.", "")
    assert run.seconds >= 0


def test_a_failed_run_tells_kind_and_place_and_no_data(settings):
    run = ended(False, traceback_of("ValueError", settings))
    assert (run.state, run.error) == ("failed", "ValueError in bills.services.bills.save_bill, line 12.")
    assert str(RecentError.objects.get()) == "ValueError in bills.services.bills.save_bill, line 12"


def test_a_job_that_says_itself_that_it_failed_is_quoted(settings):
    text = traceback_of("billtracker.core.process.jobs.JobFailed", settings).replace(
        "1850.00 for Rent of anna", "2 left."
    )
    assert ended(False, text).error == "2 left."
    assert RecentError.objects.count() == 0


def test_a_run_that_took_too_long_shows_as_killed(settings):
    run = ended(False, traceback_of("django_q.exceptions.TimeoutException", settings))
    assert run.state == "killed"
    assert run.error.startswith("It took longer than it may and was stopped while in bills.services")


def test_a_run_whose_process_is_gone_shows_as_killed():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = make_job_run(state="running", ended_at=None, pid=gone.pid, host=socket.gethostname())
    pre_execute.send(sender="django_q", func=None, task=task_of())
    assert tasks.beat() == "The worker is alive; 1 runs were killed."
    dead.refresh_from_db()
    assert (dead.state, dead.error) == ("killed", "The worker process that ran it is gone.")
    assert JobRun.objects.running().count() == 1


def test_a_run_on_another_machine_is_killed_when_its_time_is_over(clock):
    make_job_run(state="running", ended_at=None, host="elsewhere", pid=1)
    clock.shift(dt.timedelta(seconds=149))
    assert services.mark_killed_runs() == 0
    clock.shift(dt.timedelta(seconds=2))
    assert services.mark_killed_runs() == 1


def test_a_job_handed_out_again_marks_its_earlier_run_as_killed():
    for _ in range(2):
        pre_execute.send(sender="django_q", func=None, task=task_of())
    assert list(JobRun.objects.order_by("pk").values_list("state", flat=True)) == ["killed", "running"]


def kill_its_process() -> JobRun:
    """A job that is taken from the queue, and the process that ran it dies; returns the run."""
    row = OrmQ.objects.get()
    OrmQ.objects.update(lock=timezone.now() + dt.timedelta(seconds=300))
    return make_job_run(
        state="running", ended_at=None, task_id=row.task_id(), host=socket.gethostname(), pid=0x7FFFFFF0
    )


def test_a_killed_job_is_handed_out_again_at_once_and_given_up_after_three_times():
    jobs.enqueue("opsstatus.tasks.clean_up")
    for _ in range(2):
        run = kill_its_process()
        tasks.beat()
        assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1
        run.refresh_from_db()
        assert run.error == "The worker process that ran it is gone."
    run = kill_its_process()
    tasks.beat()
    run.refresh_from_db()
    assert OrmQ.objects.count() == 0
    assert run.error.endswith("it is not tried any more.")


def test_a_killed_job_that_somebody_else_does_by_now_is_left_to_them():
    jobs.enqueue("opsstatus.tasks.clean_up")
    OrmQ.objects.update(lock=timezone.now() + dt.timedelta(seconds=300))
    before = OrmQ.objects.get().lock
    make_job_run(state="running", ended_at=None, host=socket.gethostname(), pid=0x7FFFFFF0)
    tasks.beat()
    assert OrmQ.objects.get().lock == before


def test_the_heartbeat_leaves_no_run():
    pre_execute.send(sender="django_q", func=None, task=task_of(func="opsstatus.tasks.beat"))
    assert JobRun.objects.count() == 0


def test_receivers_never_raise(monkeypatch, caplog):
    monkeypatch.setattr(job_history, "JobRun", None)
    pre_execute.send(sender="django_q", func=None, task=task_of())
    post_execute.send(sender="django_q", task={})
    assert "The job history could not be written" in caplog.text


def test_an_end_without_a_start_is_kept_too():
    post_execute.send(
        sender="django_q",
        task=task_of(success=True, result="Fine.", stopped=timezone.now()),
    )
    assert JobRun.objects.get().sentence == "Fine."


def test_more_runs_than_are_kept_go(monkeypatch):
    monkeypatch.setattr(services, "KEEP_RUNS_COUNT", 2)
    runs = [make_job_run() for _ in range(5)]
    assert services.remove_old_runs(older_than=30 * DAY) == {"runs": 3, "failures": 0}
    assert list(JobRun.objects.order_by("pk")) == runs[3:]


def test_the_daily_check_fails_in_words_when_the_database_is_damaged(monkeypatch):
    monkeypatch.setattr(services, "check_database", lambda: "The database has 3 faults.")
    with pytest.raises(JobFailed, match="3 faults"):
        tasks.check_database()
