"""A SimpleFIN server on loopback: claims once, answers in both versions, and with every fault there is."""

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, quote, urlsplit

USER, PASSWORD = "demo", "p@ss:wörd/planted"
Fault = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Bank:
    """What the server knows and what it was asked; ``faults`` are used up one for each request."""

    port: int = 0
    claims: set[str] = field(default_factory=lambda: {"fresh"})
    accounts: list[dict] = field(default_factory=list)
    extra: dict = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    claim_count: int = 0
    over: Event = field(default_factory=Event)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/simplefin"

    @property
    def access_url(self) -> str:
        return self.base.replace("://", f"://{USER}:{quote(PASSWORD, safe='')}@")

    def setup_token(self, claim: str = "fresh") -> str:
        url = f"http://127.0.0.1:{self.port}/claim/{claim}"
        return base64.b64encode(url.encode()).decode()

    def answer(self, asked: dict[str, list[str]]) -> dict:
        """Return what an honest server answers to these parameters."""
        start, end = (int(asked.get(name, [default])[0]) for name, default in RANGE)
        rows = []
        for account in self.accounts:
            sent = [
                row
                for row in account.get("transactions", [])
                if _is_asked_for(row, start, end, "pending" in asked)
            ]
            rows.append({**account, "transactions": sent})
        return {"errlist": [], "accounts": rows, **self.extra}


RANGE = (("start-date", "0"), ("end-date", "99999999999"))


def _is_asked_for(row, start: int, end: int, with_pending: bool) -> bool:
    if not isinstance(row, dict):
        return True
    if row.get("pending"):
        return with_pending
    return start <= int(row.get("posted", 0) or 0) < end


# --- what goes wrong ----------------------------------------------------------------------------
def status(code: int, **headers: str) -> Fault:
    def answer(handler) -> None:
        _send(handler, b"<h1>no</h1>", code, **headers)

    return answer


def body(content: bytes, **headers: str) -> Fault:
    def answer(handler) -> None:
        _send(handler, content, 200, **headers)

    return answer


def bomb(size: int) -> Fault:
    """A small body that unpacks to so many bytes."""
    return body(gzip.compress(b" " * size), Content_Encoding="gzip")


def cut_off(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"accounts": [')


def hang_up(handler) -> None:
    handler.connection.close()


def drip(handler) -> None:
    """A byte now and then, in the headers already, and never the end."""
    handler.send_response(200)
    handler.flush_headers()
    with suppress(OSError):
        while not handler.server.bank.over.wait(0.05):
            handler.connection.sendall(b"X")


def drip_body(handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while not handler.server.bank.over.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()


def say_nothing(handler) -> None:
    handler.server.bank.over.wait(20)


# --- the server ---------------------------------------------------------------------------------
class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        bank = self.server.bank
        bank.claim_count += 1
        bank.headers.append(dict(self.headers))
        if bank.faults:
            bank.faults.pop(0)(self)
            return
        claim = self.path.rpartition("/")[2]
        if claim in bank.claims:
            bank.claims.discard(claim)
            _send(self, bank.access_url.encode(), 200)
        else:
            _send(self, b"Forbidden", 403)

    def do_GET(self):
        bank, parts = self.server.bank, urlsplit(self.path)
        bank.asked.append(parse_qs(parts.query))
        bank.headers.append(dict(self.headers))
        if bank.faults:
            bank.faults.pop(0)(self)
            return
        known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if parts.path != "/simplefin/accounts" or self.headers["Authorization"] != f"Basic {known}":
            _send(self, b"Forbidden", 403)
            return
        _send(self, json.dumps(bank.answer(bank.asked[-1])).encode(), 200)

    def log_message(self, *arguments):
        """Stay quiet."""


def _send(handler, content: bytes, code: int, **headers: str) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    with suppress(OSError):  # who asked may have had enough
        handler.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    bank: Bank

    def handle_error(self, *arguments):
        """Stay quiet about those who hung up."""


@contextmanager
def simplefin_server() -> Iterator[Bank]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.bank = bank = Bank(port=server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield bank
    finally:
        bank.over.set()
        server.shutdown()
        server.server_close()


# --- what a bank holds --------------------------------------------------------------------------
def epoch(day: str) -> int:
    """Return noon UTC of that day."""
    return int(dt.datetime.fromisoformat(f"{day}T12:00+00:00").timestamp())


def transaction(key: str, day: str = "2026-11-20", amount: str = "-10.00", **overrides) -> dict:
    return {"id": key, "posted": epoch(day), "amount": amount, "description": "COFFEE SHOP", **overrides}


def account(key: str = "checking", *transactions: dict, **overrides) -> dict:
    fields = {
        "id": key, "conn_id": "con-1", "name": "Checking", "currency": "USD", "balance": "100.00",
        "balance-date": epoch("2026-11-21"), "transactions": list(transactions),
    }  # fmt: skip
    return {**fields, **overrides}
