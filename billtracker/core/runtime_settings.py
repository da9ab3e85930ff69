"""What can be tuned while the server runs: one table; a saved value, then the environment, then the default.

Presence decides, not truth: a saved False, 0 or "" wins over the environment. Values are read from
the database each time, so that every process sees a change at once. A value that cannot be used is
passed over and told as a fault, on the settings page and on Status; reading never fails because of one.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billtracker.core import audit, setting_kinds
from billtracker.core.crypto import Lost
from billtracker.core.exceptions import DomainError
from billtracker.core.models import Setting
from billtracker.core.setting_kinds import Spec

GROUPS = {
    "mail": _("Mail"),
    "reminders": _("Reminders"),
    "updates": _("Updates"),
    "imports": _("Imports"),
    "backups": _("Backups"),
    "cleanup": _("Cleanup"),
}
SPECS = {
    spec.name: spec
    for spec in (
        Spec("notifications_enabled", "yes_no", True, "NOTIFICATIONS_ENABLED",
             _("Send anything at all: mail and messages on further channels."),
             label=_("Send messages"), group="mail"),
        Spec("smtp_host", "host", "", "SMTP_HOST", _("The mail server's name; empty: no mail is sent."),
             label=_("Mail server"), group="mail"),
        Spec("smtp_port", "number", 587, "SMTP_PORT",
             _("Usually 587 with STARTTLS, 465 with SSL, 25 without."),
             low=1, high=65_535, label=_("Port"), group="mail"),
        Spec("smtp_security", "choice", "starttls", "SMTP_SECURITY", _("How the connection is encrypted."),
             choices={"starttls": _("STARTTLS"), "ssl": _("SSL from the start"), "none": _("None")},
             label=_("Encryption"), group="mail"),
        Spec("smtp_user", "text", "", "SMTP_USER", _("Empty: the server is used without signing in."),
             label=_("User name"), group="mail"),
        Spec("smtp_password", "secret", "", "SMTP_PASSWORD", _("Kept encrypted, never shown again."),
             label=_("Password"), group="mail"),
        Spec("smtp_ca_certificate", "certificate", "", "SMTP_CA_CERTIFICATE",
             _("The certificate (PEM) that signed the server's own, for a server that signed it itself."),
             label=_("Certificate to trust"), group="mail"),
        Spec("smtp_accept_any_certificate", "yes_no", False, "SMTP_ACCEPT_ANY_CERTIFICATE",
             _("Do not check whose certificate it is. Anybody on the way can then read the mail."),
             label=_("Accept any certificate"), group="mail"),
        Spec("mail_from_address", "mail_address", "", "SMTP_FROM_ADDRESS",
             _("The address that mail comes from."), label=_("Sender's address"), group="mail"),
        Spec("mail_from_name", "text", "BillTracker", "SMTP_FROM_NAME", _("The name beside that address."),
             label=_("Sender's name"), group="mail"),
        Spec("reminder_recipient", "mail_address", "", "REMINDER_RECIPIENT",
             _("One address that gets every household's mail reminders instead of their members; "
               "empty: each member, as they prefer."),
             label=_("One recipient for all"), group="reminders"),
        Spec("reminder_hour", "number", 8, "REMINDER_HOUR",
             _("The local hour of reminders, 0 to 23, for those who chose none."), high=23,
             label=_("Hour"), group="reminders"),
        Spec("update_check_url", "web_address", "", "UPDATE_CHECK_URL",
             _("Asked once a day for the latest version; empty: never."),
             label=_("Address to ask"), group="updates"),
        Spec("imports_per_15_minutes", "number", 20, "IMPORTS_PER_15_MINUTES",
             _("How many files one household may upload in a quarter of an hour."), high=1_000,
             label=_("Files in 15 minutes"), group="imports"),
        Spec("backup_schedule", "choice", "off", "BACKUP_SCHEDULE",
             _("When the server makes a backup by itself."),
             choices={"off": _("Never"), "daily": _("Every day"), "weekly": _("On Sundays")},
             label=_("Schedule"), group="backups"),
        Spec("backup_time", "time", "02:30", "BACKUP_TIME",
             _("The time of scheduled backups, such as 02:30, in the server's time zone."),
             label=_("Time"), group="backups"),
        Spec("backup_keep", "number", 14, "BACKUP_KEEP",
             _("How many scheduled backups stay. Older ones go after a good new one, the last proven one "
               "never."),
             low=1, high=365, label=_("Keep"), group="backups"),
        Spec("backup_import_limit_mb", "number", 100, "BACKUP_IMPORT_LIMIT_MB",
             _("How many megabytes a file may have that is brought in as a backup."),
             low=1, high=100_000, label=_("Largest import"), group="backups"),
        Spec("backup_operations_per_hour", "number", 5, "BACKUP_OPERATIONS_PER_HOUR",
             _("How many operations on backups one administrator may begin on the pages in an hour. Commands "
               "are not counted."),
             low=1, high=50, label=_("Operations in an hour"), group="backups"),
        Spec("backup_passphrase", "secret", "", "BACKUP_PASSPHRASE",
             _("With a passphrase new backups are encrypted. Keep it elsewhere too: nothing opens them "
               "without it."),
             label=_("Passphrase"), group="backups"),
        Spec("cleanup_import_previews", "yes_no", True, "CLEANUP_IMPORT_PREVIEWS",
             _("Once a day, clear files that were uploaded more than 24 hours ago, and their rows."),
             label=_("Clear expired import previews"), group="cleanup"),
        Spec("cleanup_exports", "yes_no", True, "CLEANUP_EXPORTS",
             _("Once a day, remove old files from the exports folder. Each can be made again."),
             label=_("Remove temporary exports"), group="cleanup"),
        Spec("cleanup_exports_hours", "number", 24, "CLEANUP_EXPORTS_HOURS",
             _("1 to 72."), low=1, high=72, label=_("Keep exports for hours"), group="cleanup"),
        Spec("cleanup_backup_leftovers", "yes_no", True, "CLEANUP_BACKUP_LEFTOVERS",
             _("Once a day, remove unfinished backups and uploads older than two hours."),
             label=_("Remove leftovers of backups"), group="cleanup"),
        Spec("cleanup_import_history", "yes_no", False, "CLEANUP_IMPORT_HISTORY",
             _("Once a day, forget old imports. What they brought in stays; they cannot be undone any more."),
             label=_("Forget import history"), group="cleanup"),
        Spec("cleanup_import_history_days", "number", 365, "CLEANUP_IMPORT_HISTORY_DAYS",
             _("30 to 3650."), low=30, high=3_650, label=_("Keep import history for days"), group="cleanup"),
        Spec("cleanup_records", "yes_no", True, "CLEANUP_RECORDS",
             _("Once a day, remove sessions past their end, old job runs, resolved errors, messages and keys "
               "of repeated requests. The audit log is never removed."),
             label=_("Remove old records"), group="cleanup"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A setting as it stands: its value, where that comes from, and what was passed over on the way."""

    spec: Spec
    source: str  # saved, environment or default
    value: Any
    is_saved: bool = False  # a row is there, even one that cannot be used
    variable: str = ""  # the environment variable that is set, be it used or not
    fault: str = ""  # a sentence about a value that cannot be used

    @property
    def is_lost(self) -> bool:
        return isinstance(self.value, Lost)


def spec_of(name: str) -> Spec:
    """Return the spec; KeyError for a setting that does not exist."""
    return SPECS[name]


# --- reading -----------------------------------------------------------------------------------
def get(name: str) -> Any:
    """Return the setting's value; a secret that no key opens any more is a ``crypto.Lost``."""
    return found(name).value


def source(name: str) -> str:
    """Say where the value comes from: ``saved``, ``environment`` or ``default``."""
    return found(name).source


def found(name: str) -> Found:
    """Return the setting as it stands; KeyError for one that does not exist."""
    spec = spec_of(name)
    return resolved(spec, Setting.objects.filter(name=name).first())


def found_all() -> dict[str, Found]:
    """Return every setting as it stands, in one query."""
    rows = Setting.objects.in_bulk()
    return {name: resolved(spec, rows.get(name)) for name, spec in SPECS.items()}


def resolved(spec: Spec, row: Setting | None) -> Found:
    """Decide by presence: the row, then the environment, then the default."""
    variable, fault = variable_of(spec), ""
    if row is not None:
        try:
            value = row.secret if spec.is_secret else parsed(spec, row.value)
            return Found(spec, "saved", value, True, variable)
        except DomainError as error:
            fault = f"The saved value cannot be used: {error.sentence}"
    try:
        if variable:
            value = from_environment(spec, variable)
            return Found(spec, "environment", value, row is not None, variable, fault)
    except DomainError as error:
        fault = " ".join(filter(None, [fault, error.sentence]))
    return Found(spec, "default", spec.default, row is not None, variable, fault)


def parsed(spec: Spec, value, called: str = "") -> Any:
    """Return the value in the setting's own type; DomainError says what it takes, without the value."""
    try:
        return setting_kinds.read(spec, value)
    except ValueError as error:
        raise DomainError(f"{called or spec.title} must be {error}.", field=spec.name) from None


# --- the environment ---------------------------------------------------------------------------
def variable_of(spec: Spec) -> str:
    """Return the variable that holds a value, ``NAME_FILE`` before ``NAME``, or nothing.

    Container engines hand on empty variables: only for text is an empty one a value.
    """
    if os.environ.get(f"{spec.env}_FILE"):
        return f"{spec.env}_FILE"
    is_given = spec.env in os.environ and (spec.may_be_empty or os.environ[spec.env].strip())
    return spec.env if is_given else ""


def from_environment(spec: Spec, variable: str) -> Any:
    """Return the variable's value, or that of the file it names; DomainError when it cannot be used."""
    text = os.environ[variable]
    if variable != spec.env:
        try:
            text = Path(text).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise DomainError(f"{variable}: the file cannot be read ({reason}).", field=spec.name) from None
    return parsed(spec, text, variable)


def check_environment() -> None:
    """Raise DomainError for a setting whose value in the environment cannot be used."""
    for spec in SPECS.values():
        if variable := variable_of(spec):
            from_environment(spec, variable)


# --- changing ----------------------------------------------------------------------------------
def save(actor, name: str, value) -> None:
    """Save a value; from now on it wins over the environment. Raises DomainError for a wrong one."""
    spec = spec_of(name)
    value = parsed(spec, value)
    fields = {"secret": value, "value": None} if spec.is_secret else {"value": value, "secret": ""}
    with transaction.atomic():
        before = shown(resolved(spec, locked(name)))
        row, _created = Setting.objects.update_or_create(name=name, defaults=fields)
        after = shown(resolved(spec, row))
        audit.record(actor, "setting.saved", row, {name: [before, after]}, scope=audit.OFFICE)


def clear(actor, name: str) -> bool:
    """Forget the saved value, so that the environment or the default counts again; False if none was."""
    spec = spec_of(name)
    with transaction.atomic():
        row = locked(name)
        if row is None:
            return False
        before, after = shown(resolved(spec, row)), shown(resolved(spec, None))
        Setting.objects.filter(name=name).delete()
        audit.record(actor, "setting.cleared", row, {name: [before, after]}, scope=audit.OFFICE)
        return True


def locked(name: str) -> Setting | None:
    """Return the saved row, held until the end of the transaction."""
    return Setting.objects.select_for_update().filter(name=name).first()


def shown(found: Found) -> Any:
    """Return the value for pages and the audit log; of a secret only whether there is one."""
    if not found.spec.is_secret:
        return found.value
    return "lost" if found.is_lost else ("set" if found.value else "empty")
