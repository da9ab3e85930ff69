"""Asking elsewhere which version is the latest: one short request, and nothing of the answer is trusted."""

import json
import re
import threading
import time
from collections.abc import Callable

import requests
from packaging.version import InvalidVersion, Version

PATIENCE = 10.0  # seconds for the whole answer
LARGEST = 64 * 1024  # bytes
REDIRECTS = 5
VERSION = re.compile(
    r"v?(?P<version>\d{1,5}(?:\.\d{1,5}){1,3}(?:[.+-]?[a-z][a-z0-9.+-]{0,30})?)", re.IGNORECASE
)


class UpdateUnknown(Exception):
    """The latest version could not be learnt; the sentence says why and does not hold the address."""


def latest_version(url: str, patience: float = PATIENCE) -> str:
    """Return the version that the address names, such as ``1.4.0``. Raises UpdateUnknown.

    It understands ``{"version": "1.4.0"}`` and GitHub's ``{"tag_name": "v1.4.0"}``.
    """
    body = _within(patience, lambda: _fetch(url, patience))
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise UpdateUnknown("The answer is not JSON.") from None
    if not isinstance(answer, dict):
        raise UpdateUnknown("The answer names no version.")
    return version_in(answer.get("version", answer.get("tag_name")))


def version_in(text) -> str:
    """Return the version without a leading v; UpdateUnknown for anything that is none."""
    match = VERSION.fullmatch(text.strip()) if isinstance(text, str) and len(text) < 100 else None
    try:
        return str(Version(match["version"])) if match else _refuse()
    except InvalidVersion:
        return _refuse()


def _refuse() -> str:
    raise UpdateUnknown("The answer names no version.")


def is_newer(latest: str, current: str) -> bool:
    """Compare by the rules of versions: 1.10 is newer than 1.9, and 2.0rc1 older than 2.0."""
    try:
        return Version(latest) > Version(current)
    except InvalidVersion:
        return False


def _within(seconds: float, ask: Callable[[], bytes]) -> bytes:
    """Run ``ask`` for so long at most: a time-out of a socket starts anew with each byte that drips in."""
    outcome: list[bytes | UpdateUnknown] = []

    def run() -> None:
        try:
            outcome.append(ask())
        except UpdateUnknown as error:
            outcome.append(error)

    # A daemon: what still hangs keeps no worker from ending.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise UpdateUnknown(f"No whole answer came within {seconds:.0f} s.")
    if isinstance(outcome[0], UpdateUnknown):
        raise outcome[0]
    return outcome[0]


def _fetch(url: str, patience: float) -> bytes:
    """Return the body of the answer; UpdateUnknown names what went wrong."""
    end = time.monotonic() + patience
    try:
        with requests.Session() as session:
            session.max_redirects = REDIRECTS
            # Any other scheme than http and https is refused, in a redirect too.
            headers = {"User-Agent": "BillTracker", "Accept": "application/json"}
            with session.get(url, headers=headers, timeout=patience, stream=True) as answer:
                if answer.status_code != requests.codes.ok:
                    raise UpdateUnknown(f"The server answered with status {answer.status_code}.")
                return _body_of(answer, end)
    except requests.RequestException as error:
        raise UpdateUnknown(_reason_for(error)) from None
    except (ValueError, OSError):  # what a hostile answer brings up below requests
        raise UpdateUnknown("The answer cannot be read.") from None


def _body_of(answer: requests.Response, end: float) -> bytes:
    """Read the body piece by piece, so that neither its length nor its slowness is the server's choice."""
    body = b""
    for piece in answer.iter_content(4096):
        body += piece
        if len(body) > LARGEST:
            raise UpdateUnknown("The answer is longer than 64 kB.")
        if time.monotonic() > end:
            raise UpdateUnknown("The answer did not end in time.")
    return body


def _reason_for(error: requests.RequestException) -> str:
    """Say what kind of failure it was; the library's own words hold the address."""
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (requests.exceptions.SSLError, "The server's certificate is not trusted."),
        (requests.Timeout, "The server did not answer in time."),
        (requests.TooManyRedirects, "The server redirects in circles."),
        (requests.exceptions.InvalidSchema, "The server redirects to something that is not the web."),
        (requests.ConnectionError, "The server cannot be reached."),
    )
    return next((words for kind, words in kinds if isinstance(error, kind)), "The answer cannot be read.")
