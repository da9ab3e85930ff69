"""Of which days is an account? Shape only; the rules are the services'."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import RefusableForm


class SpanForm(RefusableForm, forms.Form):
    """From one day to another, both included."""

    first_day = DayFormField(label=_("From"))
    last_day = DayFormField(label=_("To"))

    def clean(self):
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if isinstance(first, dt.date) and isinstance(last, dt.date) and last < first:
            self.add_error("last_day", ValidationError(_("The last day is not before the first.")))
        return data
