"""Slow clients hold no thread: others are answered while they dribble, and they are given up on."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from billtracker.core.process.web_worker import COLLECTED, LONGEST_HEAD, Arrival
from tests.servers import Server

pytestmark = pytest.mark.engines("sqlite")
PROGRAM = Path(__file__).parents[2] / "processes" / "slow_clients.py"
SECONDS = 5.0


@pytest.fixture(scope="module")
def web(tmp_path_factory, migrated):
    folder = tmp_path_factory.mktemp("web")
    shutil.copytree(migrated, folder / "data")
    with Server(folder) as server:
        server.environment["WEB_WORKERS"] = "2"
        server.start("--web").wait_for_answer()
        yield server


def seconds_of_a_probe(web) -> float:
    begin = time.monotonic()
    with urllib.request.urlopen(f"{web.url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    return time.monotonic() - begin


@pytest.mark.parametrize("kind", ["head", "body", "long", "stays"])
def test_health_is_answered_while_many_slow_clients_dribble(web, kind):
    """S2"""
    command = [sys.executable, str(PROGRAM), str(web.port), "64", str(SECONDS), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as clients:
        assert clients.stdout.readline() == "connected\n"
        end = time.monotonic() + SECONDS - 1
        probes = []
        while time.monotonic() < end:
            probes.append(seconds_of_a_probe(web))
            time.sleep(0.2)
        clients.kill()
    # Where each of them holds a thread, the first probe waits until they have gone.
    assert len(probes) > 3


def test_a_request_that_does_not_arrive_is_told_so_and_closed(web):
    """S2"""
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 408 ")
        assert client.recv(1000) == b""


def ask(web, *pieces: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.05)
        answer = b""
        while data := client.recv(65536):
            answer += data
        return answer


def test_requests_in_any_pieces_are_answered(web):
    """S2"""
    whole = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for cut in (1, 20, len(whole) - 3, len(whole) - 1):
        assert ask(web, whole[:cut], whole[cut:]).startswith(b"HTTP/1.1 200 ")
    head = b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    assert ask(web, head + b"Content-Length: 5\r\n\r\nab", b"cde").startswith(b"HTTP/1.1 403 ")
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"
    assert ask(web, chunked, b"cde\r\n0\r\n\r\n").startswith(b"HTTP/1.1 403 ")
    assert ask(web, head + b"Content-Length: 1500000\r\n\r\n", b"a" * 1_500_000).startswith(b"HTTP/1.1 403 ")
    assert ask(web, whole[:-2] + b"X: " + b"y" * (LONGEST_HEAD + 1)).startswith(b"HTTP/1.1 431 ")


def test_what_is_known_of_a_request_from_its_beginning():
    """S2"""
    arrival = Arrival(None)
    for piece in (b"POST / HTTP/1.1\r\ncontent-LENGTH:  7\r", b"\n\r", b"\nabc"):
        arrival.take(piece)
        assert not arrival.is_complete
    arrival.take(b"defg")
    assert arrival.is_complete
    assert not arrival.is_long
    long = Arrival(None)
    long.take(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (COLLECTED + 1))
    assert long.is_long
