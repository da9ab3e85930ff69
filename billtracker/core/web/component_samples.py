"""Made-up rows and forms for the page that shows every component."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator

from billtracker.core.money import MoneyFormField
from billtracker.core.periods import DayFormField
from billtracker.core.web.states import STATES

DAY = dt.date(2026, 11, 12)


class SampleForm(forms.Form):
    """One of each kind of field."""

    name = forms.CharField(help_text="As it stands on the invoice.")
    amount = MoneyFormField(label="Amount, USD")
    cycle = forms.ChoiceField(choices=[("month", "Monthly"), ("year", "Yearly")])
    start = DayFormField()
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    weekend = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("", "Stays"), ("before", "Moves to Friday")], required=False
    )
    autopay = forms.BooleanField(required=False, help_text="The company takes it by itself.")


class SampleFilter(forms.Form):
    """What a filter bar holds."""

    state = forms.ChoiceField(choices=[("", "Every state"), ("late", "Late")], required=False)


def row(name, note, days, state, owed, paid, button, text="", css="", button_css="") -> dict:
    """One line of the sample tracker."""
    return {
        "name": name, "note": note, "due": DAY + dt.timedelta(days), "state": state, "owed": Decimal(owed),
        "paid": Decimal(paid) if paid else None, "button": button, "text": text, "css": css,
        "button_css": button_css,
    }  # fmt: skip


ROWS = [
    row("Student loan", "Debt", 9, "due_soon", "204.11", "", "Pay", text="Due tomorrow"),
    row("Credit card, blue", "Debt", 12, "partial", "75.00", "35.00", "Pay rest", text="$40.00 left"),
    row("Mobile family plan", "Utilities", 16, "upcoming", "140.00", "", "Pay", button_css=" quiet"),
    row("Lawn care", "April to October only", 15, "skipped", "0.00", "", "Undo", button_css=" quiet"),
    row("Natural gas", "Utilities", 3, "paid", "88.00", "88.00", "Undo", css="done", button_css=" quiet"),
    row("Life insurance", "Autopay, confirm when seen", 18, "assumed_paid", "38.75", "38.75", "Confirm"),
]


def sample_context() -> dict:
    """Return everything the components page shows."""
    bound = SampleForm({"name": "Electric", "amount": "12,3x", "cycle": "month"})
    return {
        "states": STATES,
        "samples": {
            "owed": Decimal("4182.60"), "paid": Decimal("2961.14"), "left": Decimal("1221.46"),
            "overdue": Decimal("142.37"), "yen": Decimal("-12400"),
            "day": DAY, "today": dt.date(2026, 11, 20),
        },
        "sample_rows": ROWS,
        "sample_messages": [
            Message(constants.SUCCESS, "Electric is paid: $142.37.", extra_tags="undo:/design/"),
            Message(constants.ERROR, "The payment is in EUR and the bill in USD. Nothing was saved."),
        ],
        "sample_page": Paginator(range(95), 25).page(2),
        "sample_tabs": [
            {"url": "#t", "label": "Bills", "is_current": True},
            {"url": "#u", "label": "Payments"},
        ],
        "sample_form": bound,
        "filter_form": SampleFilter(),
    }  # fmt: skip
