"""Are the inputs about engagements and their fees well formed? The rules are the services'."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Engagement
from billtracker.core.money import MoneyFormField
from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import RefusableForm, field_of


class EngagementForm(RefusableForm, forms.ModelForm):
    """An engagement; a new one with its first fee."""

    starts_on = DayFormField(label=_("First day"))
    ends_on = DayFormField(label=_("Last day"), required=False, help_text=_("Empty: open."))
    fee = MoneyFormField(
        label=_("Fee"), required=False, help_text=_("For one period; from the first day on.")
    )

    class Meta:
        model = Engagement
        fields = (
            "title", "kind", "starts_on", "ends_on", "interval_months", "billing_day", "timing",
            "partial_periods", "description",
        )  # fmt: skip
        labels = {
            "interval_months": _("How often"),
            "timing": _("Billed"),
            "partial_periods": _("First and last periods that are not whole"),
            "description": _("Words of its line"),
        }
        help_texts = {
            "interval_months": _("Counted from the month of the first day."),
            "billing_day": _("29 to 31 fall on a shorter month's last day."),
            "description": _("{period} becomes the period, such as September 2025."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = Engagement.Kind.RETAINER
        if self.instance.pk:
            del self.fields["fee"]
        else:
            field_of(self, "fee", MoneyFormField).currency = self.instance.client.currency
            self.fields["fee"].label = _("Fee (%(currency)s)") % {"currency": self.instance.client.currency}

    def clean(self):
        data = super().clean() or {}
        is_retainer = data.get("kind") == Engagement.Kind.RETAINER
        if "fee" in self.fields and is_retainer and data.get("fee") is None and "fee" not in self.errors:
            self.add_error("fee", _("A retainer has a fee."))
        return data


class FeeStepForm(RefusableForm, forms.Form):
    """A fee from a day on."""

    starts_on = DayFormField(label=_("From"))
    amount = MoneyFormField(label=_("Fee"))

    def __init__(self, *args, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "amount", MoneyFormField).currency = currency
        self.fields["amount"].label = _("Fee (%(currency)s)") % {"currency": currency}


class EndForm(RefusableForm, forms.Form):
    """The last day of an engagement."""

    last_day = DayFormField(label=_("Last day"))
    is_final = forms.BooleanField(
        label=_("Bill nothing more"),
        required=False,
        help_text=_("Not even open periods before that day."),
    )
