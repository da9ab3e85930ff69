"""Real processes: they start, answer, stop together and leave nobody behind."""

import json
import os
import signal
import socket

import pytest

from billtracker.core.exceptions import DomainError
from billtracker.core.process import launcher
from tests.servers import PATIENCE, wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")


def test_serve_answers_and_one_ctrl_c_ends_everything(server):
    server.start().wait_for_answer()
    assert server.get("/")[0] == 200
    assert server.get("/", method="HEAD") == (200, "")
    assert json.loads(server.get("/readyz")[1]) == {"status": "ok"}
    wait_until(lambda: sum("qcluster" in command for command in server.family().values()) >= 5, "the worker")

    server.process.send_signal(signal.SIGINT)
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 0, said
    assert f"http://127.0.0.1:{server.port}/" in said
    assert server.family() == {}

    server.start("--web").wait_for_answer()
    assert server.child("qcluster") == 0


@pytest.mark.parametrize(("victim", "how", "code"), [
    ("gunicorn", signal.SIGKILL, 137),
    ("qcluster", signal.SIGKILL, 137),
    ("gunicorn", signal.SIGTERM, 0),
])  # fmt: skip
def test_the_death_of_one_ends_the_other_with_its_code(server, victim, how, code):
    server.start().wait_for_answer()
    pid = wait_until(lambda: server.child(victim), victim)
    os.kill(pid, how)
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == code, said
    assert "everything was stopped" in said
    assert server.family() == {}


def test_a_killed_launcher_leaves_nobody_behind(server):
    server.start().wait_for_answer()
    wait_until(lambda: server.child("qcluster"), "the worker")
    server.process.kill()
    wait_until(lambda: server.family() == {}, "the children to end")


def run_a_job(server) -> None:
    """Queue a job, and wait until a worker did it."""
    server.ask("from billtracker.core.process import jobs; jobs.enqueue('opsstatus.tasks.clean_up')")
    wait_until(lambda: server.ask(RUNS_DONE) != "0", "the job to be done")


RUNS_DONE = "from opsstatus.models import JobRun; print(JobRun.objects.filter(state='done').count())"


def test_a_worker_that_hangs_is_replaced_and_work_goes_on(server):
    # Jobs that are due come at once; the next pass of the scheduler is further away than the limit.
    server.start("--worker", program=("-m", "tests.processes.hasty_server", "12"))
    first = wait_until(lambda: server.child("qcluster"), "the worker")
    run_a_job(server)
    stopped = [pid for pid in server.family() if pid != server.process.pid]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    second = wait_until(lambda: (pid := server.child("qcluster")) != first and pid, "another worker")
    assert second != first
    assert set(stopped) & set(server.family()) == set()
    server.ask("from opsstatus.models import JobRun; JobRun.objects.all().delete()")
    run_a_job(server)
    assert server.process.poll() is None

    server.process.terminate()
    said, _ = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 0
    assert "The worker process was silent for 12 s; it is replaced." in said
    assert server.family() == {}


def test_a_killed_process_of_the_worker_is_replaced_and_its_job_shows_as_killed(server):
    server.start("--worker")
    wait_until(lambda: server.child("qcluster"), "the worker")
    server.ask("from billtracker.core.process import jobs; jobs.enqueue('time.sleep', 50)")
    running = (
        "from opsstatus.models import JobRun; print(*JobRun.objects.running().values_list('pid', flat=True))"
    )
    victim = int(wait_until(lambda: server.ask(running), "the job to start"))
    before = len(server.family())
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in server.family() and len(server.family()) == before, "a replacement")
    assert server.ask("from opsstatus import tasks; print(tasks.beat())").startswith("The worker is alive; 1")
    first = "JobRun.objects.filter(name='time.sleep').order_by('pk').first()"
    killed = f"from opsstatus.models import JobRun; print({first}.state)"
    assert server.ask(killed) == "killed"
    assert server.process.poll() is None


def test_two_servers_may_start_on_one_empty_database(empty_server):
    empty_server.start("--worker")
    first = empty_server.process
    empty_server.start("--web").wait_for_answer()
    assert json.loads(empty_server.get("/readyz")[1]) == {"status": "ok"}
    assert first.poll() is None, first.stdout.read()
    first.terminate()
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_a_taken_address_is_said_in_one_sentence(server):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", server.port))
        squatter.listen()
        said, _ = server.start().process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 2
    assert said.startswith("HOST and PORT: 127.0.0.1:")
    assert len(said.splitlines()) == 1


def test_a_foreign_address_is_refused():
    with pytest.raises(DomainError, match=r"192\.0\.2\.1:3030 cannot be used"):
        launcher.require_free_address("192.0.2.1", 3030)


def test_a_changed_static_file_changes_the_fingerprint(tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "look.css").write_text("a {}")
    before = launcher.static_fingerprint()
    (tmp_path / "look.css").write_text("b {}")
    assert launcher.static_fingerprint() != before
