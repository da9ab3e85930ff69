"""The value of a setting: the saved one, then the environment, then the default.

Presence decides, not truth: a saved False, 0 or "" wins over the environment. Values are read from
the database each time, so that every process sees a change at once. A value that cannot be used is
passed over and told as a fault, on the settings page and on Status; reading never fails because of one.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from billtracker.core import audit
from billtracker.core.crypto import Lost
from billtracker.core.exceptions import DomainError
from billtracker.core.models import Setting
from billtracker.core.settings import kinds
from billtracker.core.settings.kinds import Spec
from billtracker.core.settings.specs import SPECS


@dataclass(frozen=True, slots=True)
class ResolvedSetting:
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


def _spec_of(name: str) -> Spec:
    """Return the spec; KeyError for a setting that does not exist."""
    return SPECS[name]


# --- reading -----------------------------------------------------------------------------------
def get(name: str) -> Any:
    """Return the setting's value; a secret that no key opens any more is a ``crypto.Lost``."""
    return resolve_setting(name).value


def source(name: str) -> str:
    """Say where the value comes from: ``saved``, ``environment`` or ``default``."""
    return resolve_setting(name).source


def resolve_setting(name: str) -> ResolvedSetting:
    """Return the setting as it stands; KeyError for one that does not exist."""
    spec = _spec_of(name)
    return _resolve_by_presence(spec, Setting.objects.filter(name=name).first())


def found_all() -> dict[str, ResolvedSetting]:
    """Return every setting as it stands, in one query."""
    rows = Setting.objects.in_bulk()
    return {name: _resolve_by_presence(spec, rows.get(name)) for name, spec in SPECS.items()}


def _resolve_by_presence(spec: Spec, row: Setting | None) -> ResolvedSetting:
    """Decide by presence: the row, then the environment, then the default."""
    variable, fault = _variable_of(spec), ""
    if row is not None:
        try:
            value = row.secret if spec.is_secret else _parse_value(spec, row.value)
            return ResolvedSetting(spec, "saved", value, True, variable)
        except DomainError as error:
            fault = f"The saved value cannot be used: {error.sentence}"
    try:
        if variable:
            value = _from_environment(spec, variable)
            return ResolvedSetting(spec, "environment", value, row is not None, variable, fault)
    except DomainError as error:
        fault = " ".join(filter(None, [fault, error.sentence]))
    return ResolvedSetting(spec, "default", spec.default, row is not None, variable, fault)


def _parse_value(spec: Spec, value, called: str = "") -> Any:
    """Return the value in the setting's own type; DomainError says what it takes, without the value."""
    try:
        return kinds.read(spec, value)
    except ValueError as error:
        raise DomainError(f"{called or spec.title} must be {error}.", field=spec.name) from None


# --- the environment ---------------------------------------------------------------------------
def _variable_of(spec: Spec) -> str:
    """Return the variable that holds a value, ``NAME_FILE`` before ``NAME``, or nothing.

    Container engines hand on empty variables: only for text is an empty one a value.
    """
    if os.environ.get(f"{spec.env}_FILE"):
        return f"{spec.env}_FILE"
    is_given = spec.env in os.environ and (spec.may_be_empty or os.environ[spec.env].strip())
    return spec.env if is_given else ""


def _from_environment(spec: Spec, variable: str) -> Any:
    """Return the variable's value, or that of the file it names; DomainError when it cannot be used."""
    text = os.environ[variable]
    if variable != spec.env:
        try:
            text = Path(text).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise DomainError(f"{variable}: the file cannot be read ({reason}).", field=spec.name) from None
    return _parse_value(spec, text, variable)


def check_environment() -> None:
    """Raise DomainError for a setting whose value in the environment cannot be used."""
    for spec in SPECS.values():
        if variable := _variable_of(spec):
            _from_environment(spec, variable)


# --- changing ----------------------------------------------------------------------------------
def save(actor, name: str, value) -> None:
    """Save a value; from now on it wins over the environment. Raises DomainError for a wrong one."""
    spec = _spec_of(name)
    value = _parse_value(spec, value)
    fields = {"secret": value, "value": None} if spec.is_secret else {"value": value, "secret": ""}
    with transaction.atomic():
        before = _display_value(_resolve_by_presence(spec, _lock_row(name)))
        row, _created = Setting.objects.update_or_create(name=name, defaults=fields)
        after = _display_value(_resolve_by_presence(spec, row))
        audit.record(actor, "setting.saved", row, {name: [before, after]}, scope=audit.OFFICE)


def clear(actor, name: str) -> bool:
    """Forget the saved value, so that the environment or the default counts again; False if none was."""
    spec = _spec_of(name)
    with transaction.atomic():
        row = _lock_row(name)
        if row is None:
            return False
        before, after = (
            _display_value(_resolve_by_presence(spec, row)),
            _display_value(_resolve_by_presence(spec, None)),
        )
        Setting.objects.filter(name=name).delete()
        audit.record(actor, "setting.cleared", row, {name: [before, after]}, scope=audit.OFFICE)
        return True


def _lock_row(name: str) -> Setting | None:
    """Return the saved row, held until the end of the transaction."""
    return Setting.objects.select_for_update().filter(name=name).first()


def _display_value(found: ResolvedSetting) -> Any:
    """Return the value for pages and the audit log; of a secret only whether there is one."""
    if not found.spec.is_secret:
        return found.value
    return "lost" if found.is_lost else ("set" if found.value else "empty")
