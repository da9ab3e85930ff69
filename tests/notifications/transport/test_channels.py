"""Further channels against a real server on loopback: accepted, refused, silent, never in a log."""

import datetime as dt
import io
import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.utils import timezone

from notifications import services
from notifications.models import Message
from notifications.transport import channels
from tests.factories import make_channel, make_message
from tests.mail_server import free_port, say_nothing, scripted_server

pytestmark = pytest.mark.django_db
TOKEN, MINUTE = "planted-topic", dt.timedelta(minutes=1)


@pytest.fixture
def service():
    """An ntfy server: ``answer`` is its status, ``bodies`` what it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.server.answer)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer, server.bodies = 200, []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def log():
    """What reaches our own log, at any level."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def deliver_to(anna, port: int) -> Message:
    channel = make_channel(anna, address=f"ntfy://127.0.0.1:{port}/{TOKEN}")
    message = make_message(
        via="channel", channel=channel, user=anna, address="", subject="Rent <b>", text="Due"
    )
    services.deliver_waiting(now=timezone.now())
    message.refresh_from_db()
    return message


def test_a_message_is_sent_once_the_service_took_it(anna, service):
    assert deliver_to(anna, service.server_port).state == "sent"
    assert service.bodies == [{"topic": TOKEN, "title": "Rent <b>", "message": "Due"}]


@pytest.mark.parametrize(
    ("answer", "wait"),
    [(401, None), (404, None), (429, dt.timedelta(minutes=1)), (500, dt.timedelta(minutes=1))],
)
def test_the_service_s_answer_decides_whether_it_is_asked_again(anna, service, log, answer, wait):
    service.answer = answer
    message = deliver_to(anna, service.server_port)
    assert (message.state, message.reason) == ("failed", f"The service answered {answer}.")
    assert (message.next_try_at and message.next_try_at - message.tried_at) == wait
    assert message.is_server_failure is False
    assert TOKEN not in log.getvalue()


def test_a_service_that_is_not_there_is_tried_again_and_nothing_is_told(anna, log):
    message = deliver_to(anna, free_port())
    words = "The service could not be reached, or did not accept the message."
    assert (message.state, message.reason) == ("failed", words)
    assert message.next_try_at
    assert TOKEN not in log.getvalue()


def test_a_service_that_says_nothing_is_waited_for_ten_seconds_at_most(anna, monkeypatch):
    monkeypatch.setattr(channels, "TIME_OUT", 0.3)
    with scripted_server(say_nothing) as port:
        started = timezone.now()
        assert deliver_to(anna, port).state == "failed"
    assert timezone.now() - started < dt.timedelta(seconds=8)


def test_every_service_of_the_list_is_one_that_apprise_knows():
    from apprise.manager_plugins import NotificationManager

    assert set(channels.SERVICES) - set(NotificationManager().schemas()) == set()
