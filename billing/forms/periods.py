"""Are the inputs about months well formed? The rules are the services'."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.reports.periods import Point
from billtracker.accounts.models import User
from billtracker.core.periods import Month
from billtracker.core.web.forms import RefusableForm

MINUTES = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ReasonForm(RefusableForm, forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class TypedMonthForm(RefusableForm, forms.Form):
    """The month typed, which confirms what cannot be undone at once."""

    typed = forms.CharField(label=_("Type the month"), max_length=7)

    def __init__(self, *args, month: Month, **kwargs):
        super().__init__(*args, **kwargs)
        self.wanted = str(month)
        self.fields["typed"].help_text = _("As it is written here: %(month)s") % {"month": month}

    def clean_typed(self):
        if self.cleaned_data["typed"].strip() != self.wanted:
            raise ValidationError(_("This is not the month, %(month)s."), params={"month": self.wanted})
        return self.wanted


class ReopenForm(TypedMonthForm):
    """Why the month is opened again."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("reason", "typed")


class CloseForm(TypedMonthForm):
    """Which warnings do not matter, and why."""

    skipped = forms.MultipleChoiceField(
        label=_("Skip"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("The checklist changed; look at it again.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when something is skipped."),
    )
    field_order = ("skipped", "reason", "typed")

    def __init__(self, *args, warnings: Iterable[Point], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(point.code, f"{point.label}: {point.count}") for point in warnings]
        field = self.fields["skipped"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices
        if not choices:
            del self.fields["skipped"], self.fields["reason"]


class GrantForm(RefusableForm, forms.Form):
    """Who may work in the locked month, until when, and why."""

    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none())
    until = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, people, time_zone: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zoneinfo.ZoneInfo(time_zone)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["until"].help_text = _("Within 31 days, on the clock of %(zone)s.") % {"zone": time_zone}

    def clean_until(self) -> dt.datetime:
        """Read what was typed on the office's clock."""
        return timezone.make_naive(self.cleaned_data["until"]).replace(tzinfo=self.zone)
