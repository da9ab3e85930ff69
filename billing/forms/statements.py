"""Are the inputs about statements well formed? The rules are the services'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.models import Client, Engagement, Statement
from billing.services import LineInput
from billtracker.core.money import MoneyFormField
from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import CleanForm, RefusableForm

SPARE_ROWS = 3
MOST_ROWS = 500


def number_of(text: str, longest: int) -> int | None:
    """Return the whole number above zero that the text is, None for any other text."""
    is_number = text.isascii() and text.isdigit() and len(text) <= longest and text != "9999"
    return int(text) or None if is_number else None


class DraftForm(RefusableForm, forms.Form):
    """A draft without its lines."""

    issue_date = DayFormField(
        label=_("Issue date"), required=False, help_text=_("A proposal; empty: the day of issue.")
    )
    due_date = DayFormField(label=_("Due date"), required=False, help_text=_("Empty: by the client's terms."))
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Printed on the document."),
    )
    internal_notes = forms.CharField(
        label=_("Internal notes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Never printed."),
    )


class LineForm(CleanForm, forms.Form):
    """One line; an empty row is no line."""

    description = forms.CharField(label=_("Description"), required=False, max_length=500)
    quantity = MoneyFormField(label=_("Quantity"), required=False)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=20)
    unit_price = MoneyFormField(label=_("Unit price"), required=False)
    engagement = forms.TypedChoiceField(label=_("Engagement"), required=False, empty_value=None)
    is_removed = forms.BooleanField(label=_("Remove"), required=False)

    def __init__(self, *args, currency: str, engagements: dict[str, Engagement], **kwargs):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["unit_price"].currency = currency
        titles = [(pk, engagement.title) for pk, engagement in engagements.items()]
        fields["engagement"].choices = [("", _("None")), *titles]
        fields["engagement"].coerce = engagements.get
        if not engagements:
            del fields["engagement"]

    @property
    def is_line(self) -> bool:
        return self.has_changed() and not self.cleaned_data.get("is_removed")

    def clean(self):
        data = super().clean() or {}
        if self.has_changed() and not data.get("is_removed"):
            for name in ("description", "unit_price"):
                if data.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, ValidationError(_("A line needs this.")))
        return data

    def line(self) -> LineInput:
        """Return the line as the service takes it; an empty quantity is one."""
        data = self.cleaned_data
        quantity = Decimal(1) if data["quantity"] is None else data["quantity"]
        engagement = data.get("engagement")
        return LineInput(data["description"], data["unit_price"], quantity, data["unit"], engagement)


Lines = forms.formset_factory(
    LineForm, extra=SPARE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)


def line_forms(client: Client, data=None, draft: Statement | None = None):
    """Return the rows of lines with a few spare ones; "add rows" gives more and keeps what was typed."""
    names = ("description", "quantity", "unit", "unit_price", "engagement_id")
    rows = list(draft.lines.values(*names)) if draft and data is None else []
    initial = [{**row, "engagement": row["engagement_id"]} for row in rows]
    if data is not None and "add_rows" in data:
        data = data.copy()
        data["lines-TOTAL_FORMS"] = min(_number_in(data, "lines-TOTAL_FORMS") + SPARE_ROWS, MOST_ROWS)
    # Asked once for all rows.
    engagements = {str(engagement.pk): engagement for engagement in client.engagements.all()}
    kwargs = {"currency": client.currency, "engagements": engagements}
    return Lines(data, initial=initial, prefix="lines", form_kwargs=kwargs)


def _number_in(data, name: str) -> int:
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


class ReturnForm(RefusableForm, forms.Form):
    """What is to be mended."""

    comment = forms.CharField(
        label=_("What is to be mended"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class IssueForm(RefusableForm, forms.Form):
    """The dates of the document."""

    issue_date = DayFormField(
        label=_("Issue date"), required=False, help_text=_("Empty: the proposed day, or today.")
    )
    due_date = DayFormField(label=_("Due date"), required=False, help_text=_("Empty: by the client's terms."))


class NotesForm(RefusableForm, forms.Form):
    """Notes that are never printed."""

    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Never printed; they stay open after the issue."),
    )


class BatchForm(CleanForm, forms.Form):
    """In which order drafts are issued, and on which day."""

    issue_date = DayFormField(
        label=_("One issue date for all"),
        required=False,
        help_text=_("Empty: each has its proposed day, or today where that has passed."),
    )

    def __init__(self, *args, pks: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.pks = pks
        for at, pk in enumerate(pks, start=1):
            widget = forms.NumberInput(attrs={"inputmode": "numeric"})
            self.fields[f"place-{pk}"] = forms.IntegerField(
                label=_("Place"), initial=at, required=False, min_value=1, max_value=999, widget=widget
            )

    def place_of(self, pk: int):
        """Return the field of one draft's place."""
        return self[f"place-{pk}"]

    def places(self) -> dict[int, int]:
        """Return the places that were given; an empty one stays as it is."""
        given = {pk: self.cleaned_data.get(f"place-{pk}") for pk in self.pks}
        return {pk: place for pk, place in given.items() if place}


class VoidStatementForm(RefusableForm, forms.Form):
    """Why it is void, and its number typed."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    number = forms.CharField(label=_("Type its number"), max_length=100)

    def __init__(self, *args, number: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.wanted = number

    def clean_number(self):
        if self.cleaned_data["number"] != self.wanted:
            raise ValidationError(_("This is not its number, %(number)s."), params={"number": self.wanted})
        return self.cleaned_data["number"]


class MoveForm(RefusableForm, forms.Form):
    """The number to go on with, and why those before it are left out."""

    next_number = forms.IntegerField(label=_("Next number"), min_value=2, max_value=2_000_000_000)
    reason = forms.CharField(label=_("Reason"), max_length=300)
