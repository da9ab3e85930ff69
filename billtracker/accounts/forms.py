"""Is the input about people and households well formed?"""

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.accounts.models import ApiToken, Household, User
from billtracker.core.periods import TimeZoneFormField
from billtracker.core.settings.lead_days import format_lead_days
from billtracker.core.web.forms import CleanForm, RefusableForm


class SignInForm(LoginForm):
    """User name or e-mail and password; labels instead of placeholders."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["password"].help_text = ""
        # A session lasts its seven days; there is nothing to choose.
        self.fields.pop("remember", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class HouseholdForm(RefusableForm, forms.ModelForm):
    """The settings of a household."""

    class Meta:
        model = Household
        fields = [
            "name", "time_zone", "currency", "week_start", "second_period_day", "due_soon_days", "grace_days",
            "reminder_lead_days",
        ]  # fmt: skip
        labels = {
            "time_zone": _("Time zone"),
            "currency": _("Currency"),
            "week_start": _("Week starts on"),
            "second_period_day": _("Second pay period starts on day"),
            "due_soon_days": _("Due soon, days before"),
            "grace_days": _("Grace, days after"),
            "reminder_lead_days": _("Remind days before"),
        }
        help_texts = {
            "time_zone": _("Decides when a day begins. Type a city, such as Berlin."),
            "currency": _("Proposed for new bills; each bill keeps its own."),
            "second_period_day": _("The first pay period starts on the 1st."),
            "due_soon_days": _("A bill is due soon from this many days before its date."),
            "grace_days": _("A bill is late for this many days, then missed."),
            "reminder_lead_days": _(
                "Such as 3, 1; reminders on the due date and the day after come too. "
                "None: only those two. Off: no reminders."
            ),
        }
        # The page holds the list of zones as <datalist id="time-zones">: searchable without scripts.
        field_classes = {"time_zone": TimeZoneFormField}

    def clean_reminder_lead_days(self):
        return format_lead_days(self.cleaned_data["reminder_lead_days"])


class ProfileForm(CleanForm, forms.ModelForm):
    """A person's name as others see it."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]


class TokenForm(RefusableForm, forms.Form):
    """What a new API token is for."""

    LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("No end"))]

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What uses it, such as “Home Assistant”.")
    )
    scope = forms.ChoiceField(label=_("May"), choices=ApiToken.Scope.choices)
    days = forms.TypedChoiceField(
        label=_("Ends after"), choices=LIFETIMES, coerce=int, empty_value=None, required=False, initial="90"
    )


class SetupForm(RefusableForm, forms.Form):
    """The first administrator of an empty server."""

    username = forms.CharField(label=_("User name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For password resets and reminders.")
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not a common word."),
    )
    repeated = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self):
        super().clean()
        password, repeated = self.cleaned_data.get("password"), self.cleaned_data.get("repeated")
        if password and repeated and password != repeated:
            self.add_error("repeated", _("The two passwords differ."))
        return self.cleaned_data
