"""Is a payment over several due dates well formed?"""

from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.core.money import MoneyFormField
from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import RefusableForm


class SplitPaymentForm(RefusableForm, forms.Form):
    """One payment over several unpaid due dates: an amount beside each, empty for none.

    After `is_valid`, ``splits`` holds (occurrence, amount) and ``currency`` the one they share.
    """

    paid_on = DayFormField(label=_("Paid on"))
    method = forms.CharField(label=_("Method"), max_length=40, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = {f"part_{row.occurrence.bill_id}_{row.occurrence.scheduled_date}": row for row in rows}
        for name, row in self.rows.items():
            label = f"{row.bill.name}, {row.occurrence.due_date.isoformat()}"
            self.fields[name] = MoneyFormField(label=label, required=False, currency=row.currency)

    def parts(self):
        """Give each row with its field, for the page."""
        return [(row, self[name]) for name, row in self.rows.items()]

    def clean(self):
        data = super().clean() or {}
        chosen = [(row, data[name]) for name, row in self.rows.items() if data.get(name) is not None]
        currencies = {row.currency for row, _amount in chosen}
        if not chosen and not self.errors:
            raise forms.ValidationError(_("Write an amount beside at least one bill."))
        if len(currencies) > 1:
            raise forms.ValidationError(_("One payment is in one currency; record one for each."))
        self.splits = [(row.occurrence, amount) for row, amount in chosen]
        self.currency = next(iter(currencies), "")
        return data
