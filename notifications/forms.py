"""Is what somebody says about reminders, channels and test mail well formed?"""

from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.core.settings import runtime_settings
from billtracker.core.web.forms import CleanForm, FilterForm, RefusableForm, field_of
from notifications.models import Channel, Message, Preferences


class PreferencesForm(CleanForm, forms.ModelForm):
    """When and how a person is reminded."""

    hour = forms.TypedChoiceField(label=_("At"), coerce=int, empty_value=None, required=False)

    class Meta:
        model = Preferences
        fields = ["is_reminded_by_mail", "hour", "time_zone"]
        labels = {"is_reminded_by_mail": _("Remind me by mail"), "time_zone": _("Time zone")}
        help_texts = {"time_zone": _("Empty: the household's. Type a city, such as Berlin.")}
        # The page holds the list of zones as <datalist id="time-zones">: searchable without scripts.
        widgets = {"time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        common = f"{runtime_settings.get('reminder_hour'):02}:00"
        usual = _("The usual hour, %(hour)s") % {"hour": common}
        field_of(self, "hour", forms.ChoiceField).choices = [
            ("", usual),
            *((hour, f"{hour:02}:00") for hour in range(24)),
        ]


class SecretInput(forms.TextInput):
    """Seen while it is typed, never sent back."""

    def format_value(self, value):
        return None


class ChannelForm(RefusableForm, forms.ModelForm):
    """A further way to reach somebody."""

    address = forms.CharField(
        label=_("Address"),
        max_length=1_000,
        widget=SecretInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Such as ntfys://ntfy.sh/my-topic. It is kept encrypted and never shown again."),
    )

    class Meta:
        model = Channel
        fields = ["name", "address"]
        labels = {"name": _("Name")}
        help_texts = {"name": _("What you call it, such as “my phone”.")}


class MailFilter(FilterForm):
    """Which messages of the outbox; what the address asks for and does not exist counts as not asked."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *Message.State.choices]
    )

    def apply_to(self, messages):
        state = self.value_of("state")
        return messages.filter(state=state) if state else messages


class AddressForm(CleanForm, forms.Form):
    """Where a test goes."""

    address = forms.EmailField(label=_("Send a test to"), max_length=254)
