"""Is what somebody says about a bill well formed?"""

from django import forms
from django.utils.translation import gettext_lazy as _

from bills.models import Bill
from bills.reports.schedule_edits import PastChoice, SchedulePreview
from billtracker.core.settings.lead_days import format_lead_days
from billtracker.core.web.forms import RefusableForm, field_of

# The cycles people name, each as (unit, interval); anything else is "every N".
CYCLES = {
    "weekly": (_("Weekly"), Bill.Unit.WEEK, 1),
    "2_weeks": (_("Every 2 weeks"), Bill.Unit.WEEK, 2),
    "4_weeks": (_("Every 4 weeks"), Bill.Unit.WEEK, 4),
    "twice_a_month": (_("Twice a month"), Bill.Unit.TWICE_A_MONTH, 1),
    "monthly": (_("Monthly"), Bill.Unit.MONTH, 1),
    "2_months": (_("Every 2 months"), Bill.Unit.MONTH, 2),
    "3_months": (_("Every 3 months"), Bill.Unit.MONTH, 3),
    "6_months": (_("Every 6 months"), Bill.Unit.MONTH, 6),
    "yearly": (_("Yearly"), Bill.Unit.YEAR, 1),
    "once": (_("Once"), Bill.Unit.ONCE, 1),
}
OTHER_CYCLES = {
    "n_weeks": (_("Every N weeks"), Bill.Unit.WEEK),
    "n_months": (_("Every N months"), Bill.Unit.MONTH),
    "n_years": (_("Every N years"), Bill.Unit.YEAR),
}


class WebAddressField(forms.URLField):
    """An address typed without a scheme is meant as https."""

    def __init__(self, **kwargs):
        super().__init__(**{"assume_scheme": "https", **kwargs})


def _cycle_of(bill: Bill) -> tuple[str, int | None]:
    """Return the choice that names the bill's cycle, and N where it is "every N"."""
    for name, (_label, unit, interval) in CYCLES.items():
        if (bill.unit, bill.interval) == (unit, interval):
            return name, None
    return next(name for name, (_label, unit) in OTHER_CYCLES.items() if unit == bill.unit), bill.interval


class BillForm(RefusableForm, forms.ModelForm):
    """A bill: identity, money, schedule, flags, debt."""

    cycle = forms.ChoiceField(
        label=_("How often"),
        choices=[(name, spec[0]) for name, spec in {**CYCLES, **OTHER_CYCLES}.items()],
        initial="monthly",
    )
    every = forms.IntegerField(
        label=_("Every how many"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("For \u201cevery N\u201d only."),
    )
    past = forms.ChoiceField(
        label=_("Due dates before today"),
        choices=PastChoice.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    # Which due dates the person saw go and appear.
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput, required=False)

    class Meta:
        model = Bill
        fields = (
            "name", "category", "expected_amount", "currency", "start_date", "due_day", "second_due_day",
            "end_date", "instalments", "weekend_shift", "tracked_from", "is_autopay", "is_variable",
            "is_subscription", "website", "account_reference", "user_name_hint", "notes", "debt_balance",
            "debt_apr", "debt_minimum_payment", "reminder_lead_days",
        )  # fmt: skip
        labels = {
            "expected_amount": _("Amount"), "start_date": _("First due date"),
            "tracked_from": _("Track from"),
            "due_day": _("Day of the month"), "second_due_day": _("Second day of the month"),
            "instalments": _("Number of payments"), "is_autopay": _("Paid automatically"),
            "is_variable": _("The amount varies"), "is_subscription": _("Subscription"),
            "end_date": _("Last day"), "weekend_shift": _("A due date on a weekend"),
            "debt_balance": _("Balance owed"), "debt_apr": _("Interest (APR, %)"),
            "debt_minimum_payment": _("Minimum payment"), "reminder_lead_days": _("Remind days before"),
            "user_name_hint": _("User name there"), "account_reference": _("Account number"),
        }  # fmt: skip
        help_texts = {
            "due_day": _(
                "Empty: the day of the first due date. 29 to 31 fall on a shorter month's last day."
            ),
            "second_due_day": _("For twice a month."),
            "is_variable": "",
            "start_date": "",
            "tracked_from": _("Earlier due dates are not asked about."),
            "end_date": "",
            "instalments": _("Empty: without end."),
            "reminder_lead_days": _(
                "Such as 7, 1. Empty: as the household. None: from the due date on. Off: no reminders."
            ),
        }
        field_classes = {"website": WebAddressField}
        widgets = {
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        field_of(self, "category", forms.ModelChoiceField).queryset = household.categories.live()
        field_of(self, "category", forms.ModelChoiceField).empty_label = _("No category")
        if self.instance.pk:
            self.initial["cycle"], self.initial["every"] = _cycle_of(self.instance)
        else:
            self.initial.update(
                {
                    "currency": household.currency,
                    "start_date": household.today,
                    "tracked_from": household.today.replace(day=1),
                }
            )

    @property
    def schedule_fields(self) -> list[forms.BoundField]:
        """The fields of the schedule that few bills need."""
        return [
            self[name] for name in ("due_day", "weekend_shift", "tracked_from", "end_date", "instalments")
        ]

    @property
    def has_schedule_details(self) -> bool:
        """Whether those fields are to be seen at once: something there is wrong, or set."""
        bill = self.instance
        is_set = bill.end_date or bill.instalments or bill.weekend_shift != Bill.WeekendShift.NONE
        return bool(is_set or any(field.errors for field in self.schedule_fields))

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """The fields about the account, the debt and the reminders."""
        names = ("website", "account_reference", "user_name_hint", "debt_balance", "debt_apr",
                 "debt_minimum_payment", "reminder_lead_days")  # fmt: skip
        return [self[name] for name in names]

    @property
    def has_other_details(self) -> bool:
        """Whether those fields are to be seen at once, with the notes and the flags below them."""
        bill = self.instance
        is_set = bill.notes or bill.is_variable or bill.is_subscription
        return bool(is_set or any(field.errors or field.value() for field in self.other_fields))

    def clean_reminder_lead_days(self):
        return format_lead_days(self.cleaned_data["reminder_lead_days"])

    def clean(self):
        data = super().clean() or {}
        self.set_schedule(data)
        return data

    def is_confirmed(self, preview: SchedulePreview | None) -> bool:
        """Say whether what the change does to due dates was seen as it is, and its question answered."""
        if preview is None or not preview.moves_dates:
            return True
        if self.cleaned_data["seen"] != preview.digest:
            return False
        if preview.asks and not self.cleaned_data["past"]:
            self.add_error("past", _("Choose what happens to due dates before today."))
            return False
        return True

    def set_schedule(self, data) -> None:
        """Set unit and interval from the named cycle, and check that its parts are there."""
        name = data.get("cycle")
        if name in CYCLES:
            _label, self.instance.unit, self.instance.interval = CYCLES[name]
        elif name:
            self.instance.unit = OTHER_CYCLES[name][1]
            self.instance.interval = data.get("every") or 1
            if not data.get("every") and "every" not in self.errors:
                self.add_error("every", _("Say how many: a number from 1 to 100."))
        if self.instance.unit != Bill.Unit.TWICE_A_MONTH:
            data["second_due_day"] = None
        elif not data.get("due_day") and data.get("start_date") and "due_day" not in self.errors:
            data["due_day"] = data["start_date"].day
        if self.instance.unit in (Bill.Unit.WEEK, Bill.Unit.ONCE):
            data["due_day"] = None
