"""The data lock: shared or exclusive, nobody waits for long, and a process that dies releases it."""

import contextlib
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.http import StreamingHttpResponse
from django.utils import timezone

from billtracker.core.data import data_lock
from billtracker.core.process import queue
from billtracker.core.web.middleware import hold_data
from tests.factories import make_restoration
from tests.servers import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
ALONE = """
import time
from billtracker.core.data import data_lock
with data_lock.exclusive():
    print("in", flush=True)
    time.sleep(60)
"""
TOGETHER = ALONE.replace("exclusive", "share_data")
TRY = """
from billtracker.core.data import data_lock
try:
    data_lock.acquire_shared(0).release()
    print("in")
except data_lock.DataLocked:
    print("closed")
"""
TRY_ALONE = """
from billtracker.core.data import data_lock
try:
    with data_lock.exclusive(0.3):
        print("in")
except data_lock.DataLocked:
    print("busy")
"""


@contextlib.contextmanager
def holder(server, code: str):
    """A process that holds the data of the server until it is killed."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=server.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_in(process) -> bool:
    return process.stdout.readline().strip() == "in"


def test_many_hold_the_data_together_and_nobody_alone_meanwhile(server):
    with holder(server, TOGETHER) as one, holder(server, TOGETHER) as other:
        assert is_in(one)
        assert is_in(other)
        assert server.ask(TRY) == "in"
        assert server.ask(TRY_ALONE) == "busy"
        assert server.ask(TRY) == "in"


def test_who_waits_to_be_alone_keeps_others_out_and_gets_in_when_the_others_died(server):
    with holder(server, TOGETHER) as inside:
        assert is_in(inside)
        with holder(server, ALONE) as waiting:
            wait_until(lambda: server.ask(TRY) == "closed", "the gate to close")
            inside.kill()
            assert is_in(waiting)
            assert server.ask(TRY) == "closed"
            waiting.kill()
            waiting.wait()
            wait_until(lambda: server.ask(TRY) == "in", "the gate to open")


def closed(*args):
    raise data_lock.DataLocked("closed")


def test_a_request_while_the_data_are_locked_is_told_when_to_come_back(client, monkeypatch):
    monkeypatch.setattr(data_lock, "acquire_shared", closed)
    page, sent, api = client.get("/"), client.post("/bills/"), client.get("/api/bills/")
    assert [answer.status_code for answer in (page, sent, api)] == [503, 503, 503]
    assert {answer.headers["Retry-After"] for answer in (page, sent, api)} == {"3"}
    assert [b'http-equiv="refresh"' in answer.content for answer in (page, sent)] == [True, False]
    assert b"was not saved" in sent.content
    assert api.json()["error"]["code"] == "maintenance"
    assert client.get("/healthz").status_code == 200


def test_a_stream_holds_the_data_to_its_end(rf, monkeypatch):
    released = []
    lock = data_lock.DataLock(lambda: released.append(1))
    monkeypatch.setattr(data_lock, "acquire_shared", lambda wait: lock)
    response = hold_data(lambda request: StreamingHttpResponse(iter([b"a", b"b"])))(rf.get("/"))
    assert b"".join(response.streaming_content) == b"ab"
    assert not released
    response.close()
    assert released


def test_a_view_that_fails_lets_go(rf, monkeypatch):
    released = []
    monkeypatch.setattr(
        data_lock, "acquire_shared", lambda wait: data_lock.DataLock(lambda: released.append(1))
    )
    with pytest.raises(ZeroDivisionError):
        hold_data(lambda request: 1 / 0)(rf.get("/"))
    assert released


def test_a_hold_names_the_newest_restoration_and_asks_no_counted_question(django_assert_num_queries):
    with data_lock.share_data(0) as lock:
        assert lock.token == ""
    newest = [make_restoration(), make_restoration()][-1]
    with django_assert_num_queries(0), data_lock.share_data(0) as lock:
        assert lock.token == newest.token


def test_a_worker_from_before_a_restore_fetches_and_reports_nothing(monkeypatch):
    monkeypatch.setattr(queue, "AGAIN", 0)
    monkeypatch.setattr(queue.Conf, "POLL", 0)
    monkeypatch.setattr(queue, "_past", "")
    broker = queue.LockedBroker("test")
    number = broker.enqueue("one")
    assert [pair[0] for pair in broker.dequeue()] == [number]
    broker.delete(number)
    assert not queue.OrmQ.objects.filter(pk=number).exists()

    number = broker.enqueue("two")
    make_restoration()
    assert broker.dequeue() is None
    broker.acknowledge(number)
    # Nobody took it: it is still to be had.
    assert queue.OrmQ.objects.get(pk=number).lock <= timezone.now()


def test_a_job_from_before_a_restore_never_starts(monkeypatch):
    class Replaced(Exception):
        pass

    def be_replaced(seconds):
        raise Replaced

    monkeypatch.setattr(queue, "_past", "")
    queue.lock_for_job()
    queue.release_after_job()
    make_restoration()
    monkeypatch.setattr(queue.time, "sleep", be_replaced)
    with pytest.raises(Replaced):
        queue.lock_for_job()
    assert not queue._locks


@pytest.mark.engines("sqlite")
def test_threads_hold_the_data_each_for_itself():
    first, ready = data_lock.acquire_shared(0), threading.Event()

    def another():
        data_lock.acquire_shared(0).release()
        connection.close()
        ready.set()

    thread = threading.Thread(target=another)
    thread.start()
    thread.join()
    assert ready.is_set()
    first.release()
    first.release()
