"""What the address of a month asks to see."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bills.reports.tracker import SHOWN, SORTED, Filters
from billtracker.core.web.forms import FilterForm, field_of


class TrackerFilterForm(FilterForm):
    """What the address of a month asks to see; a wrong value counts as none."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("all", _("All")),
            ("unpaid", _("Unpaid")),
            ("overdue", _("Overdue")),
            ("paid", _("Paid")),
            ("skipped", _("Skipped")),
        ],
    )
    category: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Category"), required=False, queryset=None, empty_label=_("All")
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("due", _("Due date")), ("name", _("Name")), ("amount", _("Amount")), ("state", _("State"))],
    )

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "category", forms.ModelChoiceField).queryset = household.categories.live()

    @property
    def is_narrowed(self) -> bool:
        """Whether the address sets any of these fields, beside the words searched for."""
        filters = self.filters()
        return Filters(query=filters.query) != filters

    def filters(self) -> Filters:
        """Return the filters; call `is_valid` first."""
        data = self.cleaned_data
        category = data.get("category")
        return Filters(
            query=self.data.get("q", "")[:100].strip(),
            show=data["show"] if data.get("show") in SHOWN else "all",
            category=category.pk if category else None,
            sort=data["sort"] if data.get("sort") in SORTED else "due",
        )
