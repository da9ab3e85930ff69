"""Real processes: they start, answer, stop together and leave nobody behind."""

import json
import os
import signal
import socket

import pytest

from billtracker.core import launcher
from billtracker.core.exceptions import DomainError
from tests.servers import PATIENCE, wait_until


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
