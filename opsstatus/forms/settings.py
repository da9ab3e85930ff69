"""The form of one section of the settings, built from the table of settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billtracker.core.settings import kinds
from billtracker.core.settings.kinds import Spec
from billtracker.core.settings.runtime_settings import ResolvedSetting
from billtracker.core.settings.specs import GROUPS

REMOVE = "remove_"
SECRET = {"autocomplete": "new-password"}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as the page shows it."""

    name: str
    field: BoundField
    remove: BoundField | None  # the checkbox that saves an empty secret
    source: str
    state: str  # of a secret: whether there is one
    fault: str
    is_lost: bool
    back: str  # the words of the way back to environment or default; empty where nothing was saved


class SectionForm(forms.Form):
    """The settings of one group, with the values that count now.

    Beside each field stands what it showed, so that only what this person changed is saved and what
    somebody else saved meanwhile stays.
    """

    def __init__(self, group: str, found: Mapping[str, ResolvedSetting], data=None):
        super().__init__(data, auto_id="setting-%s")
        self.group, self.title = group, GROUPS[group]
        self.found = {name: one for name, one in found.items() if one.spec.group == group}
        for name, one in self.found.items():
            self.fields[name] = _field_of(one)
            if one.spec.is_secret and (one.value or one.is_lost):
                self.fields[REMOVE + name] = forms.BooleanField(
                    required=False, label=gettext_lazy("Remove the saved password")
                )

    def rows(self) -> Iterator[SettingRow]:
        for name, one in self.found.items():
            remove = self[REMOVE + name] if REMOVE + name in self.fields else None
            yield SettingRow(
                name,
                self[name],
                remove,
                _source_words(one),
                _secret_words(one),
                one.fault,
                one.is_lost,
                _back_words(one),
            )

    def clean(self) -> dict[str, Any]:
        for name, one in self.found.items():
            if name in self.cleaned_data:
                self.clean_setting(name, one.spec)
        return self.cleaned_data

    def clean_setting(self, name: str, spec: Spec) -> None:
        """Bring one value into its own type, by the rules that saving follows."""
        if self.cleaned_data.get(REMOVE + name) and self.cleaned_data[name]:
            self.add_error(name, _("Either type a new one or remove it."))
            return
        try:
            self.cleaned_data[name] = kinds.read(spec, self.cleaned_data[name])
        except ValueError as error:
            self.add_error(name, _("This must be %(kind)s.") % {"kind": error})

    def changes(self) -> dict[str, Any]:
        """Return what the person changed: {name: value}; call it on a valid form."""
        return {name: self.cleaned_data[name] for name, one in self.found.items() if self.is_changed(one)}

    def is_changed(self, one: ResolvedSetting) -> bool:
        name, value = one.spec.name, self.cleaned_data[one.spec.name]
        if one.spec.is_secret:
            return bool(value) or self.cleaned_data.get(REMOVE + name, False)
        # Saving a section also mends what stands in the database and cannot be used.
        return (name in self.changed_data and value != one.value) or (one.is_saved and bool(one.fault))


def _field_of(one: ResolvedSetting) -> forms.Field:
    """Return the field for a setting. How long and how well formed a text is, its kind says."""
    spec = one.spec
    common: dict[str, Any] = {"label": spec.label, "help_text": spec.help, "required": False}
    if spec.is_secret:
        return forms.CharField(widget=forms.PasswordInput(attrs=SECRET), strip=False, **common)
    common |= {"initial": one.value, "show_hidden_initial": True}
    match spec.kind:
        case "yes_no":
            return forms.BooleanField(**common)
        case "choice":
            return forms.ChoiceField(choices=list(spec.choices.items()), **common)
        case "certificate":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}), **common)
        case "number":
            return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "numeric"}), **common)
    return forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)


def _source_words(one: ResolvedSetting) -> str:
    """Say where the value comes from."""
    if one.source == "environment":
        return _("From the environment (%(variable)s)") % {"variable": one.variable}
    return _("Saved here") if one.source == "saved" else _("Default")


def _secret_words(one: ResolvedSetting) -> str:
    """Say of a secret whether there is one, and nothing else of it."""
    if not one.spec.is_secret or one.is_lost:
        return ""
    return _("Set; type a new one to replace it") if one.value else _("Not set")


def _back_words(one: ResolvedSetting) -> str:
    if not one.is_saved:
        return ""
    return _("Go back to the environment") if one.variable else _("Go back to the default")
