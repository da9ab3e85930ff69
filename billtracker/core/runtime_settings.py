"""What can be tuned while the server runs: one table; a saved value, then the environment, then the default.

Presence decides, not truth: a saved False, 0 or "" wins over the environment. Values are read from
the database each time, so that every process sees a change at once.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from billtracker.core import audit
from billtracker.core.crypto import Lost
from billtracker.core.exceptions import DomainError
from billtracker.core.models import Setting


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: what it is called, what it holds, and where it may come from."""

    name: str
    kind: str  # a key of READERS
    default: Any
    env: str
    help: str
    low: int = 0
    high: int = 1_000_000
    choices: tuple[str, ...] = ()

    @property
    def is_secret(self) -> bool:
        return self.kind == "secret"


SPECS = {
    spec.name: spec
    for spec in (
        Spec("notifications_enabled", "yes_no", True, "NOTIFICATIONS_ENABLED",
             "Send anything at all: mail and messages on further channels."),
        Spec("smtp_host", "text", "", "SMTP_HOST", "The mail server's name; empty: no mail is sent."),
        Spec("smtp_port", "number", 587, "SMTP_PORT", "Usually 587 with STARTTLS, 465 with SSL, 25 without.",
             low=1, high=65_535),
        Spec("smtp_security", "choice", "starttls", "SMTP_SECURITY", "How the connection is encrypted.",
             choices=("starttls", "ssl", "none")),
        Spec("smtp_user", "text", "", "SMTP_USER", "Empty: the server is used without signing in."),
        Spec("smtp_password", "secret", "", "SMTP_PASSWORD", "Kept encrypted, never shown again."),
        Spec("smtp_ca_certificate", "text", "", "SMTP_CA_CERTIFICATE",
             "The certificate (PEM) that signed the server's own, for a server that signed it itself.",
             high=20_000),
        Spec("smtp_accept_any_certificate", "yes_no", False, "SMTP_ACCEPT_ANY_CERTIFICATE",
             "Do not check whose certificate it is. Anybody on the way can then read the mail."),
        Spec("mail_from_address", "text", "", "SMTP_FROM_ADDRESS", "The address that mail comes from."),
        Spec("mail_from_name", "text", "BillTracker", "SMTP_FROM_NAME", "The name beside that address."),
        Spec("reminder_recipient", "text", "", "REMINDER_RECIPIENT",
             "One address that gets every household's mail reminders instead of their members; "
             "empty: each member, as they prefer."),
        Spec("reminder_hour", "number", 8, "REMINDER_HOUR",
             "The local hour of reminders for those who chose none.", high=23),
        Spec("update_check_url", "text", "", "UPDATE_CHECK_URL",
             "Asked once a day for the latest version; empty: never."),
        Spec("imports_per_15_minutes", "number", 20, "IMPORTS_PER_15_MINUTES",
             "How many files one household may upload in a quarter of an hour.", high=1_000),
    )
}  # fmt: skip


def spec_of(name: str) -> Spec:
    """Return the spec; KeyError for a setting that does not exist."""
    return SPECS[name]


# --- reading -----------------------------------------------------------------------------------
def read_yes_no(spec: Spec, value) -> bool:
    text = str(value).strip().lower()
    if text not in {"true", "yes", "on", "1", "false", "no", "off", "0"}:
        raise ValueError("yes or no")
    return text in {"true", "yes", "on", "1"}


def read_number(spec: Spec, value) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 12:
        raise ValueError(f"a whole number from {spec.low} to {spec.high}")
    if not spec.low <= int(text) <= spec.high:
        raise ValueError(f"a whole number from {spec.low} to {spec.high}")
    return int(text)


def read_text(spec: Spec, value) -> str:
    if not isinstance(value, str) or "\x00" in value or len(value) > 4_000:
        raise ValueError("text of at most 4,000 characters")
    return value


def read_choice(spec: Spec, value) -> str:
    if value not in spec.choices:
        raise ValueError(f"one of {', '.join(spec.choices)}")
    return value


READERS: dict[str, Callable[[Spec, Any], Any]] = {
    "yes_no": read_yes_no,
    "number": read_number,
    "text": read_text,
    "choice": read_choice,
    "secret": read_text,
}


def parsed(spec: Spec, value) -> Any:
    """Return the value in the setting's own type; DomainError names the setting and what it takes."""
    try:
        return READERS[spec.kind](spec, value)
    except ValueError as error:
        raise DomainError(f"{spec.name} must be {error}.", field=spec.name) from None


def source(name: str) -> str:
    """Say where the value comes from: ``saved``, ``environment`` or ``default``."""
    return found(spec_of(name))[0]


def get(name: str) -> Any:
    """Return the setting's value; a secret that no key opens any more is a ``crypto.Lost``."""
    return found(spec_of(name))[1]


def found(spec: Spec) -> tuple[str, Any]:
    """Return the source and the value, by presence."""
    row = Setting.objects.filter(name=spec.name).first()
    if row is not None:
        return "saved", row.secret if spec.is_secret else parsed(spec, row.value)
    if spec.env in os.environ:
        return "environment", parsed(spec, os.environ[spec.env])
    return "default", spec.default


def check_environment() -> None:
    """Raise DomainError for a setting whose value in the environment cannot be used."""
    for spec in SPECS.values():
        try:
            if spec.env in os.environ:
                READERS[spec.kind](spec, os.environ[spec.env])
        except ValueError as error:
            raise DomainError(f"{spec.env} must be {error}.", field=spec.name) from None


# --- changing ----------------------------------------------------------------------------------
def save(actor, name: str, value) -> None:
    """Save a value; from now on it wins over the environment. Raises DomainError for a wrong one."""
    spec = spec_of(name)
    value = parsed(spec, value)
    fields = {"secret": value, "value": None} if spec.is_secret else {"value": value, "secret": ""}
    with transaction.atomic():
        before = shown(spec)
        row, _ = Setting.objects.update_or_create(name=name, defaults=fields)
        audit.record(actor, "setting.saved", row, {name: [before, shown(spec)]}, scope=audit.OFFICE)


def clear(actor, name: str) -> bool:
    """Forget the saved value, so that the environment or the default counts again; False if none was."""
    spec = spec_of(name)
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(name=name).first()
        if row is None:
            return False
        before = shown(spec)
        Setting.objects.filter(name=name).delete()
        audit.record(actor, "setting.cleared", row, {name: [before, shown(spec)]}, scope=audit.OFFICE)
        return True


def shown(spec: Spec) -> Any:
    """Return the value for pages and the audit log; of a secret only whether there is one."""
    value = get(spec.name)
    if not spec.is_secret:
        return value
    return "lost" if isinstance(value, Lost) else ("set" if value else "empty")
