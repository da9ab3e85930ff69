"""What people paste to connect a bank: a setup token, or the access URL that one was exchanged for."""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from banksync.simplefin.addresses import is_loopback_name
from billtracker.core.exceptions import InvalidInput

LONGEST = 4_000
_PLAIN_ADDRESS = re.compile(r"[\x21-\x7e]+")
_ADDRESS_START = re.compile(r"https?://", re.IGNORECASE)
UNREADABLE_PASTE = (
    "This is no SimpleFIN setup token. Copy the whole token from your provider's page and paste it again; "
    "nothing was sent anywhere."
)
NOT_ENCRYPTED = "The token leads to an address without https, which is not safe. Nothing was sent anywhere."


@dataclass(frozen=True, slots=True)
class ClaimUrl:
    """Where a setup token is exchanged, once, for an access URL; its path is the secret."""

    url: str = field(repr=False)
    host: str


@dataclass(frozen=True, slots=True)
class AccessUrl:
    """Where accounts are asked for: the address without the credentials, and these beside it."""

    base: str
    host: str
    user: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def secret(self) -> str:
        """The access URL as one text, to be stored encrypted and nowhere else."""
        scheme, _, rest = self.base.partition("://")
        return f"{scheme}://{quote(self.user, safe='')}:{quote(self.password, safe='')}@{rest}"


def read_token(text: str) -> ClaimUrl | AccessUrl:
    """Return what the pasted text leads to. Raises InvalidInput for everything else.

    White space is dropped, wherever a terminal or a mail put it, and missing padding is filled in.
    """
    plain = "".join(text.split()) if len(text) <= LONGEST else ""
    if access := _read_pasted_access_url(plain):
        return access
    url = plain if _ADDRESS_START.match(plain) else _decode(plain)
    host = _checked_host(url, UNREADABLE_PASTE)
    if "@" in urlsplit(url).netloc:
        raise InvalidInput(UNREADABLE_PASTE, field="token")
    return ClaimUrl(url, host)


def _read_pasted_access_url(plain: str) -> AccessUrl | None:
    if not _ADDRESS_START.match(plain) or "@" not in plain:
        return None
    return read_access_url(plain)


def read_access_url(text: str) -> AccessUrl:
    """Return the parts of an access URL. Raises InvalidInput unless it is https with user and password."""
    plain = text.strip()
    message = "This is no SimpleFIN access URL: it needs https, a user and a password."
    host = _checked_host(plain, message)
    parts = urlsplit(plain)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password or parts.query or parts.fragment or not (user + password).isprintable():
        raise InvalidInput(message, field="token")
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    return AccessUrl(base, host, user, password)


def _decode(plain: str) -> str:
    """Return the address inside a setup token; both alphabets of base64 are read."""
    standard = plain.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        url = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode("ascii")
    except ValueError:
        raise InvalidInput(UNREADABLE_PASTE, field="token") from None
    return url.strip()


def _checked_host(url: str, message: str) -> str:
    """Return the host of an https address; http only on this machine, where a setting allows it."""
    try:
        parts = urlsplit(url) if _PLAIN_ADDRESS.fullmatch(url) else None
        # A port that is none raises when it is asked for.
        host = (parts.hostname or "") if parts and (parts.port is None or parts.port > 0) else ""
    except ValueError:
        host, parts = "", None
    if parts is None or not host or "\\" in url:
        raise InvalidInput(message, field="token")
    if parts.scheme == "http" and not (settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK and is_loopback_name(host)):
        raise InvalidInput(NOT_ENCRYPTED, field="token")
    if parts.scheme not in ("http", "https"):
        raise InvalidInput(message, field="token")
    return host
