"""Is what somebody says about one due date well formed?"""

from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.core.money import MoneyError, MoneyFormField, exact
from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import RefusableForm, field_of


class OccurrenceForm(RefusableForm, forms.Form):
    """Base of the forms about one occurrence; it knows the currency."""

    def __init__(self, *args, occurrence, **kwargs):
        super().__init__(*args, **kwargs)
        self.occurrence = occurrence
        if "amount" in self.fields:
            field_of(self, "amount", MoneyFormField).currency = occurrence.currency

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        try:
            return amount if amount is None else exact(amount, self.occurrence.currency)
        except MoneyError as error:
            raise forms.ValidationError(str(error)) from None


class BillPaymentForm(OccurrenceForm):
    """A payment of one occurrence: all of what is left, or a part, or more."""

    amount = MoneyFormField(label=_("Amount"))
    paid_on = DayFormField(label=_("Paid on"))
    method = forms.CharField(label=_("Method"), max_length=40, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class OtherAmountForm(OccurrenceForm):
    amount = MoneyFormField(
        label=_("Amount this time"), required=False, help_text=_("Empty: the bill\u2019s own amount.")
    )


class NoteForm(OccurrenceForm):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class SnoozeForm(OccurrenceForm):
    snoozed_until = DayFormField(label=_("Snooze until"), required=False, help_text=_("Empty: not snoozed."))
