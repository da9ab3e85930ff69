"""The edge to further services (ntfy, Telegram and more) through apprise, loaded when it is needed.

An address holds a token: what apprise says about one is listened to for a number and never passed on.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from billtracker.core.exceptions import DomainError
from notifications.transport.failures import FailureKind, NotSent

TIME_OUT = 10.0  # seconds, to connect and for each answer
SERVICES = {
    "ntfy": "ntfy", "ntfys": "ntfy", "gotify": "Gotify", "gotifys": "Gotify", "discord": "Discord",
    "tgram": "Telegram", "slack": "Slack", "matrix": "Matrix", "matrixs": "Matrix", "mmost": "Mattermost",
    "mmosts": "Mattermost", "pover": "Pushover", "pbul": "Pushbullet", "signal": "Signal",
    "signals": "Signal", "rocket": "Rocket.Chat", "rockets": "Rocket.Chat", "gchat": "Google Chat",
    "webex": "Webex", "wxteams": "Webex", "workflows": "Microsoft Teams", "zulip": "Zulip",
    "prowl": "Prowl", "bark": "Bark", "barks": "Bark", "simplepush": "Simplepush", "spush": "Simplepush",
}  # fmt: skip
NAMES = tuple(sorted(set(SERVICES.values()), key=str.lower))
# They read files of this machine, or have the worker wait as long as somebody likes.
FORBIDDEN = {"attach", "template", "rto", "cto", "retry", "wait", "store", "storage"}
# The service understood and says no: asking again gives the same answer.
FOR_GOOD = {400, 401, 403, 404, 410}
ANSWER = re.compile(r"error=(\d{3})\b")


def service_of(address: str) -> str:
    """Return the name of the service an address is for; DomainError for one that cannot be used."""
    scheme, _, rest = address.strip().partition("://")
    if scheme.lower() not in SERVICES:
        raise DomainError(
            f"The address must begin with the name of a service, such as ntfys:// or tgram://. "
            f"There are {', '.join(NAMES)}.",
            field="address",
        )
    is_plain = address.strip().isprintable() and rest.strip("/ ")
    asked = {name.lower().strip(":+- ") for name, _ in parse_qsl(rest.partition("?")[2], True)}
    if not is_plain or asked & FORBIDDEN or _plugin_for(address) is None:
        raise DomainError(
            f"This is no address for {SERVICES[scheme.lower()]} that can be used here.", field="address"
        )
    return SERVICES[scheme.lower()]


def _plugin_for(address: str) -> Any:
    """Return apprise's sender for an address, None for one it does not understand or that reads a file."""
    # Slow to load, and only the worker and a new channel's form need it.
    from apprise import Apprise, AppriseAsset, AppriseAttachment
    from apprise.common import PersistentStoreMode

    # Nothing is kept on disk, no code is loaded from elsewhere, nothing runs beside this thread.
    asset = AppriseAsset(
        storage_mode=PersistentStoreMode.MEMORY, plugin_paths=[], async_mode=False, secure_logging=True
    )
    with listening():
        try:
            plugin = Apprise.instantiate(address.strip(), asset=asset)
        except Exception:  # whatever a hostile address brings about, it is not one we can use
            return None
    if plugin is None or any(isinstance(v, AppriseAttachment) and len(v) for v in vars(plugin).values()):
        return None
    plugin.socket_connect_timeout = plugin.socket_read_timeout = TIME_OUT
    return plugin


def hand_over(address: str, *, subject: str, text: str) -> None:
    """Return once the service accepted the message; raises NotSent otherwise."""
    plugin = _plugin_for(address)
    if plugin is None:
        raise NotSent("The channel's address cannot be used; enter it again.", FailureKind.REFUSED)
    with listening() as heard:
        try:
            is_accepted = plugin.notify(title=subject, body=text)
        except Exception as error:  # the kind alone: its words may hold the address
            raise NotSent(
                f"The service could not be used ({type(error).__name__}).", FailureKind.MESSAGE
            ) from None
    if not is_accepted:
        raise _refusal(heard)


def _refusal(heard: list[str]) -> NotSent:
    """Return what the service answered, as far as apprise told its log."""
    codes = [int(match[1]) for line in heard if (match := ANSWER.search(line))]
    if not codes:
        return NotSent(
            "The service could not be reached, or did not accept the message.", FailureKind.MESSAGE
        )
    fault = FailureKind.REFUSED if codes[-1] in FOR_GOOD else FailureKind.MESSAGE
    return NotSent(f"The service answered {codes[-1]}.", fault)


class Listener(logging.Handler):
    """Keeps what is logged for whoever opened it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def listening() -> Iterator[list[str]]:
    """Give what apprise warns of, and keep it and the HTTP client below it out of our own log."""
    logger, listener = logging.getLogger("apprise"), Listener()
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    # Its lines hold the path of every request, which for some services is the token.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    logger.addHandler(listener)
    try:
        yield listener.heard
    finally:
        logger.removeHandler(listener)
