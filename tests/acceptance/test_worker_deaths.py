"""Real workers that are killed or hang: nothing is left behind, the history and Status tell, work goes on."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers import PATIENCE, Server, wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")

RUNS = "from opsstatus.models import JobRun;"
RUNNING = f"{RUNS} print(*JobRun.objects.running().values_list('pid', flat=True))"
SLEEPERS = (
    f"{RUNS} sleepers = JobRun.objects.filter(name='time.sleep').order_by('pk');"
    "print(*sleepers.values_list('state', flat=True))"
)
ENQUEUE = "from billtracker.core.process import jobs; jobs.enqueue('time.sleep', {seconds})"
# Time that passed, told to the database instead of waited for: all the worker's signs of life are older.
TEN_MINUTES_LATER = (
    "import datetime as dt; from django.db.models import F; from opsstatus.models import JobRun, StoredFact;"
    "late = dt.timedelta(minutes=10); StoredFact.objects.update(at=F('at') - late);"
    "JobRun.objects.update(started_at=F('started_at') - late, queued_at=F('queued_at') - late);"
    "JobRun.objects.exclude(ended_at=None).update(ended_at=F('ended_at') - late)"
)


def level_of_worker(server: Server) -> str:
    """What Status says of the worker's life: ok, unknown or error."""
    program = (
        "from opsstatus import panel_results;"
        "print(next(item.level for item in panel_results.gather().items if item.name == 'Running'))"
    )
    return server.ask(program)


def test_a_killed_worker_leaves_no_orphan_and_its_job_is_done_after_the_restart(server):
    server.start()
    server.wait_for_answer()
    worker = wait_until(lambda: server.child("qcluster"), "the worker")
    server.ask(ENQUEUE.format(seconds=20))
    wait_until(lambda: server.ask(RUNNING), "the job to start")
    assert level_of_worker(server) in {"ok", "unknown"}

    os.kill(worker, signal.SIGKILL)
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 137, said
    assert server.family() == {}
    server.ask(TEN_MINUTES_LATER)
    assert level_of_worker(server) == "error"

    # What a container engine does after the exit code.
    server.start("--worker")
    wait_until(lambda: level_of_worker(server) in {"ok", "unknown"}, "Status to be no longer red")
    # The beat comes through the queue within a minute; here it is sent at once.
    server.ask("from billtracker.core.process import jobs; jobs.enqueue('opsstatus.tasks.beat')")
    wait_until(lambda: server.ask(SLEEPERS).split() == ["killed", "running"], "the job to be taken up again")
    assert level_of_worker(server) == "ok"


def test_a_job_that_hangs_is_stopped_and_others_go_on(server):
    server.start("--worker")
    wait_until(lambda: server.child("qcluster"), "the worker")
    # Stopped by the worker's own guard, after three seconds instead of the usual two minutes.
    server.ask("from django_q.tasks import async_task; async_task('time.sleep', 500, timeout=3)")
    server.ask(ENQUEUE.format(seconds=0))
    # Two processes take one job each; which of them writes its row first is theirs.
    wait_until(
        lambda: sorted(server.ask(SLEEPERS).split()) == ["done", "killed"], "the end of the one that hangs"
    )
    assert server.ask(RUNNING) == ""
    assert server.process.poll() is None


@pytest.mark.engines("postgresql")
def test_three_webs_and_two_workers_on_one_postgres_share_the_work_and_do_no_job_twice(server):
    server.start("--worker")
    others = [server.process]
    server.start("--worker")
    others.append(server.process)
    server.environment["WEB_WORKERS"] = "3"
    server.start("--web")
    try:
        server.wait_for_answer()
        many = (
            "from billtracker.core.process import jobs; [jobs.enqueue('time.sleep', 0) for _ in range(150)]"
        )
        with ThreadPoolExecutor() as pool:
            list(pool.map(server.ask, [many, many]))
        counts = (
            f"import json; {RUNS} runs = JobRun.objects.filter(name='time.sleep');"
            "print(json.dumps([runs.count(), runs.values('task_id').distinct().count(),"
            " runs.filter(state='done').count(), runs.values('pid').distinct().count()]))"
        )
        wait_until(lambda: json.loads(server.ask(counts))[2] == 300, "300 jobs")
        runs, tasks, _, processes = json.loads(server.ask(counts))
        assert (runs, tasks) == (300, 300)
        assert processes >= 3
        periodic = (
            "from django_q.models import Schedule; from billtracker.schedule import SCHEDULE;"
            "print(Schedule.objects.count() == len(SCHEDULE))"
        )
        assert server.ask(periodic) == "True"
    finally:
        for worker in others:
            worker.terminate()
            worker.communicate(timeout=PATIENCE)
