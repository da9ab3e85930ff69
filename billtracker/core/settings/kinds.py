"""What a setting may hold: each kind of value, how it is read, and what is refused."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise

LINE_LENGTH, ADDRESS_LENGTH, SECRET_LENGTH, CERTIFICATE_LENGTH = 500, 254, 4_000, 20_000
YES, NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*\.?")
HOURS = re.compile(r"(?P<whole>[0-9]{1,4})(?:\.(?P<half>[05])0?)?")
TIME = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])")
# Control characters, lone surrogates, line and paragraph separators: they break headers, logs and columns.
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: what it is called, what it holds, and where it may come from."""

    name: str
    kind: str  # a key of READERS
    default: Any
    env: str
    help: str | Promise
    low: int = 0
    high: int = 1_000_000
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    label: str | Promise = ""
    group: str = ""  # a key of specs.GROUPS

    @property
    def is_secret(self) -> bool:
        return self.kind == "secret"

    @property
    def may_be_empty(self) -> bool:
        """An empty variable is a value for text and no value for anything else."""
        return self.kind not in {"yes_no", "number", "hours", "time", "choice"}

    @property
    def title(self) -> str:
        return str(self.label or self.name)


def _read_yes_no(spec: Spec, value) -> bool:
    text = str(value).strip().lower()
    if text not in YES | NO:
        raise ValueError("yes or no")
    return text in YES


def _read_number(spec: Spec, value) -> int:
    text = str(value).strip()
    is_number = not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) <= 12
    if not is_number or not spec.low <= int(text) <= spec.high:
        raise ValueError(f"a whole number from {spec.low} to {spec.high}")
    return int(text)


def _read_hours(spec: Spec, value) -> str:
    """Return hours as text, such as ``0.5`` or ``4``: whole ones and halves, from half an hour on."""
    match = HOURS.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    halves = 2 * int(match["whole"]) + (match["half"] == "5") if match else 0
    if not 1 <= halves <= 2 * spec.high:
        raise ValueError(f"hours from 0.5 to {spec.high}, in steps of 0.5")
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)


def _read_time(spec: Spec, value) -> str:
    """Return a time of day as ``07:05``."""
    match = TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match or int(match["hour"]) > 23:
        raise ValueError("a time of day such as 02:30")
    return f"{int(match['hour']):02}:{match['minute']}"


def _read_choice(spec: Spec, value) -> str:
    if not isinstance(value, str) or value not in spec.choices:
        raise ValueError(f"one of {', '.join(spec.choices)}")
    return value


def _read_text(spec: Spec, value) -> str:
    if not isinstance(value, str) or len(value) > LINE_LENGTH or _is_breaking(value):
        raise ValueError(f"one line of at most {LINE_LENGTH} characters")
    return value


def _read_secret(spec: Spec, value) -> str:
    if not isinstance(value, str) or len(value) > SECRET_LENGTH or _is_breaking(value):
        raise ValueError(f"one line of at most {SECRET_LENGTH:,} characters")
    return value


def _read_host(spec: Spec, value) -> str:
    if value != "" and not (isinstance(value, str) and _is_host(value)):
        raise ValueError("a host name or an IP address, without a port, or empty")
    return value


def _read_mail_address(spec: Spec, value) -> str:
    if value != "" and not (isinstance(value, str) and _is_mail_address(value)):
        raise ValueError("a mail address such as bills@example.org, or empty")
    return value


def _read_web_address(spec: Spec, value) -> str:
    if value != "" and not (isinstance(value, str) and _is_web_address(value)):
        raise ValueError("an address that starts with http:// or https:// and holds no password, or empty")
    return value


def _read_certificate(spec: Spec, value) -> str:
    """Return one or more certificates as PEM, with the line ends of a Unix file."""
    if value == "":
        return ""
    try:
        pem = value.replace("\r\n", "\n").strip() + "\n"
        if len(pem) > CERTIFICATE_LENGTH or not x509.load_pem_x509_certificates(pem.encode()):
            raise ValueError
    except (ValueError, AttributeError):
        raise ValueError("certificates in PEM form, from -----BEGIN CERTIFICATE----- on, or empty") from None
    return pem


READERS: dict[str, Callable[[Spec, Any], Any]] = {
    "yes_no": _read_yes_no,
    "number": _read_number,
    "hours": _read_hours,
    "time": _read_time,
    "choice": _read_choice,
    "text": _read_text,
    "secret": _read_secret,
    "host": _read_host,
    "mail_address": _read_mail_address,
    "web_address": _read_web_address,
    "certificate": _read_certificate,
}


def read(spec: Spec, value) -> Any:
    """Return the value in the setting's own type; ValueError says what it takes, without the value."""
    return READERS[spec.kind](spec, value)


def _is_breaking(text: str) -> bool:
    """Say whether the text holds a line break or something else that no line of text has."""
    return any(unicodedata.category(character) in BREAKING for character in text)


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(HOST_NAME.fullmatch(text))
    return True


def _is_mail_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= ADDRESS_LENGTH


def _is_web_address(text: str) -> bool:
    if len(text) > 2_000 or _is_breaking(text) or any(map(str.isspace, text)):
        return False
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port_is_fine
    )
