"""Base classes of forms: those that a service can refuse, and those that narrow a list by its address."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from django import forms
from django.utils.datastructures import MultiValueDict

from billtracker.core.exceptions import DomainError
from billtracker.core.text import clean

FieldType = TypeVar("FieldType", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[FieldType]) -> FieldType:
    """Return the form's field of that name, known to be of that class; TypeError when it is another."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}, no {kind.__name__}.")
    return field


def _clean_data(data: Mapping | None, verbatim: set[str]) -> Mapping | None:
    """Return a form's data with every text cleaned, but for the fields to take as they are."""
    if not isinstance(data, MultiValueDict):
        return data and {name: value if name in verbatim else _clean(value) for name, value in data.items()}
    cleaned: MultiValueDict = MultiValueDict()
    for name, values in data.lists():
        cleaned.setlist(name, values if name in verbatim else [_clean(value) for value in values])
    return cleaned


def _clean(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


class CleanForm(forms.BaseForm):
    """A form whose texts are cleaned before anything else looks at them; secrets stay as they are."""

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(data, *args, **kwargs)
        secrets = (n for n, field in self.fields.items() if isinstance(field.widget, forms.PasswordInput))
        self.data = _clean_data(data, {self.add_prefix(name) for name in secrets}) or self.data


class RefusableForm(CleanForm):
    """A form that shows a service's refusal beside the field it is about."""

    def add_refusal(self, error: DomainError, field: str | None = None) -> None:
        """Show the sentence at the field that it names, else at ``field``, else above the form."""
        self.add_error(error.field if error.field in self.fields else field, error.sentence)

    @contextmanager
    def catch_refusal(self, field: str | None = None) -> Iterator[None]:
        """Turn a DomainError of the block into an error of the form, as ``add_refusal`` does."""
        try:
            yield
        except DomainError as error:
            self.add_refusal(error, field)


class FilterForm(CleanForm, forms.Form):
    """What an address asks to see; a wrong value narrows nothing."""

    def value_of(self, name: str) -> str:
        """Return the valid value of a field, else an empty text."""
        self.is_valid()
        return self.cleaned_data.get(name, "")

    @property
    def is_set(self) -> bool:
        """Whether any field narrows the list."""
        return any(self.value_of(name) for name in self.fields)
