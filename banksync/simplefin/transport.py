"""One request to a SimpleFIN server, with every limit on what the other side can do to us.

https with checked certificates, no redirect, no proxy, no netrc. The address is checked once the
connection stands and before the first byte goes out: a name may lead elsewhere at each look-up.
"""

import base64
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, HTTPError

from banksync.simplefin.addresses import is_allowed
from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.tokens import AccessUrl, ClaimUrl

CONNECT_PATIENCE, READ_PATIENCE, TOTAL_PATIENCE = 10.0, 30.0, 120.0  # seconds
LARGEST = 32 * 1024 * 1024  # bytes of the body, decoded
PIECE = 16 * 1024
RETRIES = 2
WORTH_ANOTHER_TRY = frozenset({502, 503, 504})
_FAILURES_WORTH_ANOTHER_TRY = frozenset(
    {BankFailure.UNREACHABLE, BankFailure.TIMED_OUT, BankFailure.BROKEN, BankFailure.STATUS}
)
# Nothing in between may change what is sent.
_HEADERS = {"User-Agent": "BillTracker", "Accept": "application/json, text/plain", "Accept-Encoding": "gzip"}
Parameters = Sequence[tuple[str, str]]


class Deadline:
    """The moment at which a call ends, however slowly the other side drips: its sockets are shut."""

    def __init__(self, seconds: float):
        self.end = time.monotonic() + seconds
        self.is_over = False
        self.sockets: list[socket.socket] = []
        self.timer = Timer(seconds, self.shut)
        self.timer.daemon = True

    def shut(self) -> None:
        self.is_over = True
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # it ended by itself
                continue

    @property
    def seconds_left(self) -> float:
        return self.end - time.monotonic()


_deadline: ContextVar[Deadline] = ContextVar("_deadline")


@contextmanager
def _ending_after(seconds: float) -> Iterator[Deadline]:
    deadline = Deadline(seconds)
    token = _deadline.set(deadline)
    deadline.timer.start()
    try:
        yield deadline
    finally:
        deadline.timer.cancel()
        _deadline.reset(token)


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _deadline.get().sockets.append(self.sock)

    def _new_conn(self) -> socket.socket:
        return _check_peer(super()._new_conn())


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _deadline.get().sockets.append(self.sock)

    def _new_conn(self) -> socket.socket:
        return _check_peer(super()._new_conn())


def _check_peer(sock: socket.socket) -> socket.socket:
    """Return the socket if its other end may be asked; otherwise close it before anything was sent."""
    if is_allowed(sock.getpeername()[0]):
        return sock
    sock.close()
    raise RequestFailed(BankFailure.FORBIDDEN_ADDRESS)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _CheckingAdapter(HTTPAdapter):
    """Opens connections that check where they lead."""

    def init_poolmanager(self, connections, maxsize, block=False, **options):
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def post_claim(claim: ClaimUrl) -> bytes:
    """Exchange a setup token: one POST with an empty body, never a second one. Raises RequestFailed."""
    with _ending_after(TOTAL_PATIENCE) as deadline:
        return _send(deadline, "POST", claim.url, {"Content-Length": "0"}, ())


def get_accounts(
    access: AccessUrl,
    parameters: Parameters,
    *,
    before_each: Callable[[], None],
    patience: float = TOTAL_PATIENCE,
) -> bytes:
    """Return the body of the answer to ``GET /accounts``; at most two more tries, all within ``patience``.

    ``before_each`` is called before every try, because each counts at the provider; what it raises ends
    the call. Raises RequestFailed.
    """
    known = f"{access.user}:{access.password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(known).decode()}"}
    with _ending_after(patience) as deadline:
        for tries_left in range(RETRIES, -1, -1):
            before_each()
            try:
                return _send(deadline, "GET", f"{access.base}/accounts", headers, parameters)
            except RequestFailed as failure:
                pause = random.uniform(0.5, 1.5) * (RETRIES - tries_left + 1)  # noqa: S311 (no secret)
                if not tries_left or not _is_worth_another_try(failure) or deadline.seconds_left <= pause:
                    raise
            time.sleep(pause)
    raise AssertionError("The last try returns or raises.")


def _is_worth_another_try(failure: RequestFailed) -> bool:
    is_passing = failure.status is None or failure.status in WORTH_ANOTHER_TRY
    return is_passing and failure.failure in _FAILURES_WORTH_ANOTHER_TRY


def _send(
    deadline: Deadline, method: str, url: str, headers: Mapping[str, str], parameters: Parameters
) -> bytes:
    """Send one request and return the body of a 200. Raises RequestFailed, which names no address."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", _CheckingAdapter())
            session.mount("http://", _CheckingAdapter())
            with session.request(
                method,
                url,
                params=list(parameters),
                headers={**_HEADERS, **headers},
                timeout=(CONNECT_PATIENCE, READ_PATIENCE),
                allow_redirects=False,
                stream=True,
            ) as answer:
                _check_status(answer.status_code)
                body = _read_body(answer)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        # The libraries' words hold the address, and that of a claim is a secret.
        kind = BankFailure.TIMED_OUT if deadline.is_over else _kind_of(error)
        if kind is BankFailure.UNREACHABLE and deadline.sockets:
            # It was reached and then hung up: what was sent may have had its effect.
            kind = BankFailure.BROKEN
        raise RequestFailed(kind) from None
    if deadline.is_over:
        raise RequestFailed(BankFailure.TIMED_OUT)
    return body


def _check_status(status: int) -> None:
    if status == requests.codes.ok:
        return
    if 300 <= status < 400:
        raise RequestFailed(BankFailure.REDIRECT, status=status)
    known = {402: BankFailure.PAYMENT_REQUIRED, 403: BankFailure.ACCESS_REVOKED}
    raise RequestFailed(known.get(status, BankFailure.STATUS), status=status)


def _read_body(answer: requests.Response) -> bytes:
    """Read the body piece by piece: neither its length nor its compression is the server's choice."""
    body = bytearray()
    for piece in answer.raw.stream(PIECE, decode_content=True):
        body += piece
        if len(body) > LARGEST:
            raise RequestFailed(BankFailure.TOO_LARGE)
    return bytes(body)


def _kind_of(error: Exception) -> BankFailure:
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], BankFailure], ...] = (
        (requests.exceptions.SSLError, BankFailure.CERTIFICATE),
        ((requests.Timeout, TimeoutError), BankFailure.TIMED_OUT),
        ((requests.exceptions.ChunkedEncodingError, DecodeError), BankFailure.BROKEN),
        (requests.ConnectionError, BankFailure.UNREACHABLE),
    )
    named = next((kind for types, kind in kinds if isinstance(error, types)), None)
    if named:
        return named
    is_timeout = "timed out" in str(error).lower()
    return BankFailure.TIMED_OUT if is_timeout else BankFailure.BROKEN
