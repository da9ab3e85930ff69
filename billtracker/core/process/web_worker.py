"""The web worker: a request gets a thread when it has arrived, so that slow clients hold none.

gunicorn's own threaded worker reads a request in the thread that answers it: a few clients that send one byte
in seconds take every thread. Here the loop that accepts connections collects what comes in.
"""

import re
import selectors
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from socket import SHUT_WR, socket

from gunicorn import http, util
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 10.0  # seconds for the head of a request; its body has as long again, and more by its size
SLOWEST = 8_000  # bytes in a second, below which a body takes too long
COLLECTED = 1_000_000  # bytes that are held for a request; longer ones are read by the thread that answers
LONGEST_HEAD = 64_000
PIECE = 65_536
LINGER = 2.0  # seconds for a client to close after its answer
WRITE_PATIENCE = 60.0  # seconds for a client to take one piece of the answer
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
READ_BY_THREAD = re.compile(rb"\r\n(transfer-encoding|expect):", re.IGNORECASE)
SENTENCE = b"The request took too long to arrive. Nothing was changed.\n"
TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(SENTENCE), SENTENCE)
)

REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class PacedUnreader(SocketUnreader):
    """Reads the rest of a long body in a thread, and gives up on a client that is much too slow."""

    def __init__(self, sock: socket, collected: bytes):
        super().__init__(sock)
        self.unread(collected)
        self.deadline = time.monotonic() + PATIENCE

    def chunk(self, size_hint: int | None = None) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The request took too long to arrive.")
        self.sock.settimeout(left)
        try:
            data = super().chunk(size_hint)
        finally:
            self.sock.settimeout(WRITE_PATIENCE)
        self.deadline += len(data) / SLOWEST
        return data


@dataclass(eq=False)
class Arrival:
    """A connection whose request is coming in."""

    conn: TConn
    content: bytearray = field(default_factory=bytearray)
    begun_at: float = field(default_factory=time.monotonic)
    length: int | None = None  # of head and body together, once the head is known
    is_refused: bool = False
    is_long: bool = False  # its body is read by the thread that answers

    @property
    def deadline(self) -> float:
        if self.length is None:
            return self.begun_at + PATIENCE
        return self.begun_at + 2 * PATIENCE + min(self.length, COLLECTED) / SLOWEST

    @property
    def is_complete(self) -> bool:
        return self.is_long or (self.length is not None and len(self.content) >= self.length)

    def take(self, data: bytes) -> None:
        """Add what came, and learn from the head how much there will be."""
        searched = max(0, len(self.content) - len(END_OF_HEAD))
        self.content += data
        if self.length is not None:
            return
        end = self.content.find(END_OF_HEAD, searched)
        if end < 0:
            self.is_refused = len(self.content) > LONGEST_HEAD
            return
        head = bytes(self.content[: end + 2])
        found = LENGTH.search(head)
        self.length = end + len(END_OF_HEAD) + (int(found[1]) if found else 0)
        self.is_long = bool(READ_BY_THREAD.search(head)) or self.length > COLLECTED


class BufferingWorker(ThreadWorker):
    """gunicorn's threaded worker, with requests collected before a thread takes them.

    Requests that are too long to be collected take half of the threads at most.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.arrivals: set[Arrival] = set()
        self.long_waiting: deque[Arrival] = deque()
        self.long_running: set[TConn] = set()
        self.long_limit = max(1, self.cfg.threads // 2)
        self.closing: dict[TConn, float] = {}

    def accept(self, listener: socket) -> None:
        try:
            client, address = listener.accept()
        except OSError:  # it is gone again, or no descriptor is free: the next pass of the loop tries again
            return
        self.nr_conns += 1
        arrival = Arrival(TConn(self.cfg, client, address, listener.getsockname()))
        self.arrivals.add(arrival)
        self.poller.register(client, selectors.EVENT_READ, partial(self.collect, arrival))

    def collect(self, arrival: Arrival, client: socket) -> None:
        """Take what has come; hand the request on once it is complete."""
        try:
            data = client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(arrival)
            return
        arrival.take(data)
        if arrival.is_refused:
            self.drop(arrival, REFUSED)
        if arrival.is_refused or not arrival.is_complete:
            return
        self.forget(arrival)
        if arrival.is_long and len(self.long_running) >= self.long_limit:
            self.long_waiting.append(arrival)
        else:
            self.hand_on(arrival)

    def hand_on(self, arrival: Arrival) -> None:
        conn = arrival.conn
        conn.sock.settimeout(WRITE_PATIENCE)
        conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader = PacedUnreader(conn.sock, bytes(arrival.content))
        conn.initialized = True
        if arrival.is_long:
            self.long_running.add(conn)
        self.enqueue_req(conn)

    def handle_request(self, req, conn: TConn):
        """Answer in a thread, and wait for a client that takes the answer slowly, but not for ever."""
        conn.sock.settimeout(WRITE_PATIENCE)
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs) -> None:
        """Say that the answer is complete, and close once the client has: the loop does not wait for it."""
        self.long_running.discard(conn)
        if self.long_waiting and len(self.long_running) < self.long_limit:
            self.hand_on(self.long_waiting.popleft())
        try:
            conn.sock.shutdown(SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.drain, conn))
            self.closing[conn] = time.monotonic() + LINGER
        except (OSError, ValueError, KeyError):
            self.end(conn)

    def drain(self, conn: TConn, client: socket) -> None:
        """Throw away what a client still sends, or close when it has closed: a reset would cut the answer."""
        try:
            if client.recv(PIECE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass  # it is gone
        self.end(conn)

    def end(self, conn: TConn) -> None:
        self.closing.pop(conn, None)
        self.unwatch(conn)
        self.nr_conns -= 1
        util.close(conn.sock)

    def unwatch(self, conn: TConn) -> None:
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def forget(self, arrival: Arrival) -> None:
        self.arrivals.discard(arrival)
        self.unwatch(arrival.conn)

    def drop(self, arrival: Arrival, answer: bytes = b"") -> None:
        """Close a connection whose request does not come."""
        self.arrivals.discard(arrival)
        if answer:
            with suppress(OSError):
                arrival.conn.sock.send(answer)
        self.end(arrival.conn)

    def murder_pending(self) -> None:
        """Give up on requests that take too long, and on all that are half here when the worker stops."""
        super().murder_pending()
        now = time.monotonic()
        for arrival in [one for one in self.arrivals if now > one.deadline or not self.alive]:
            self.drop(arrival, TOO_SLOW if arrival.content else b"")
        for conn in [conn for conn, until in self.closing.items() if now > until or not self.alive]:
            self.end(conn)
