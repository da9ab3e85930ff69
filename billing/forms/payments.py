"""Are the inputs about payments and settlements well formed? The rules are the services'."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.models import Client, Payment, Settlement, Statement
from billing.services.receipts import LARGEST_PROOF
from billtracker.core.money import ZERO, MoneyFormField, to_display
from billtracker.core.money.currencies import MINOR_UNITS, currency_choices
from billtracker.core.periods import DayFormField
from billtracker.core.web.forms import RefusableForm, field_of


def _reason_field(**kwargs) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(**{"label": _("Reason"), "max_length": 500, "widget": widget, **kwargs})


class PaymentForm(RefusableForm, forms.Form):
    """A payment as it stands on the slip."""

    paid_on = DayFormField(label=_("Paid on"), help_text=_("The day on which the money came."))
    amount = MoneyFormField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method.choices)
    manual_number = forms.CharField(
        label=_("Manual invoice number"),
        required=False,
        max_length=40,
        help_text=_("From the paper booklet; needed to post."),
    )
    reference = forms.CharField(
        label=_("Reference"), required=False, max_length=120, help_text=_("The bank's or the check's number.")
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data=None, *, payment: Payment):
        initial = {name: getattr(payment, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        # The amount is read by its currency: 1,284 is a thousand and more, but not of every one.
        chosen = data.get("currency") if data else None
        field_of(self, "amount", MoneyFormField).currency = (
            chosen if chosen in MINOR_UNITS else payment.currency
        )

    def fill(self, payment: Payment) -> Payment:
        """Return the payment with what was typed; it is not saved."""
        for name, value in self.cleaned_data.items():
            setattr(payment, name, value)
        return payment


class AllocateForm(RefusableForm, forms.Form):
    """An amount for each open statement; an empty one is left out."""

    effective_on = DayFormField(label=_("Applied on"), required=False, help_text=_("Empty: today."))

    def __init__(self, *args, statements: list[Statement], parts: dict[int, Decimal] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.statements = statements
        for one in statements:
            self.fields[f"amount-{one.pk}"] = MoneyFormField(
                label=_("Amount for %(statement)s") % {"statement": one},
                currency=one.currency,
                required=False,
                initial=(parts or {}).get(one.pk),
            )

    def rows(self) -> list:
        """Return each statement with the field of its amount."""
        return [(one, self[f"amount-{one.pk}"]) for one in self.statements]

    def rows_by_client(self) -> list[tuple[Client, list]]:
        """Return the rows of each client, in the order of the statements: the payer's own first."""
        parts: dict[Client, list] = {}
        for one, field in self.rows():
            parts.setdefault(one.client, []).append((one, field))
        return list(parts.items())

    def parts(self) -> list[tuple[Statement, Decimal]]:
        """Return the amounts that were given; zero is none."""
        given = [(one, self.cleaned_data.get(f"amount-{one.pk}")) for one in self.statements]
        return [(one, amount) for one, amount in given if amount]

    def clean(self):
        data = super().clean() or {}
        if not self.errors and not self.parts():
            raise ValidationError(_("Give an amount for one statement at least."))
        return data


class UnapplyForm(RefusableForm, forms.Form):
    """When and why an amount is taken off again."""

    effective_on = DayFormField(label=_("Taken off on"), required=False, help_text=_("Empty: today."))
    reason = _reason_field(required=False)


class VoidPaymentForm(RefusableForm, forms.Form):
    """Why a payment does not count, from when on, and its number typed."""

    cause = forms.ChoiceField(label=_("Cause"), choices=Payment.Cause.choices)
    reason = _reason_field()
    void_date = DayFormField(label=_("Void from"), required=False, help_text=_("Empty: today."))
    number = forms.CharField(label=_("Type its manual number"), max_length=40)

    def __init__(self, *args, number: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.wanted = number

    def clean_number(self):
        if self.cleaned_data["number"] != self.wanted:
            raise ValidationError(_("This is not its number, %(number)s."), params={"number": self.wanted})
        return self.cleaned_data["number"]


class RefundForm(RefusableForm, forms.Form):
    """Credit that went back."""

    amount = MoneyFormField(label=_("Amount"))
    refunded_on = DayFormField(label=_("Refunded on"), required=False, help_text=_("Empty: today."))
    method = forms.ChoiceField(
        label=_("Method"), choices=Payment.Method.choices, initial=Payment.Method.TRANSFER
    )
    reference = forms.CharField(label=_("Reference"), required=False, max_length=120)
    reason = _reason_field()

    def __init__(self, *args, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "amount", MoneyFormField).currency = currency


class VoidRecordForm(RefusableForm, forms.Form):
    """Why a refund or a settlement is taken back, and from when on."""

    reason = _reason_field()
    void_date = DayFormField(label=_("Void from"), required=False, help_text=_("Empty: today."))


class ProofForm(RefusableForm, forms.Form):
    """A file that shows the payment."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("A PDF, PNG or JPEG of at most %(size)d MB.") % {"size": LARGEST_PROOF // 1024**2},
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_PROOF:
            raise ValidationError(
                _("A proof has at most %(size)d MB."), params={"size": LARGEST_PROOF // 1024**2}
            )
        return file


# --- on a statement ----------------------------------------------------------------------------
class CertificateForm(RefusableForm, forms.Form):
    """The certificate of a withholding that came."""

    number = forms.CharField(label=_("Certificate number"), max_length=60)
    date = DayFormField(label=_("Date on the certificate"), required=False)
    received_on = DayFormField(label=_("Received on"))


class SettleForm(RefusableForm, forms.Form):
    """What settles a part of a statement without money coming in."""

    kind = forms.ChoiceField(label=_("What"), choices=Settlement.Kind.choices)
    amount = MoneyFormField(label=_("Amount"))
    settled_on = DayFormField(label=_("Settled on"), required=False, help_text=_("Empty: today."))
    reason = _reason_field(required=False, help_text=_("A write-off or a large bank charge needs one."))
    certificate_number = forms.CharField(
        label=_("Certificate number"), required=False, max_length=60, help_text=_("Of tax withheld alone.")
    )
    certificate_date = DayFormField(label=_("Date on the certificate"), required=False)
    certificate_received_on = DayFormField(
        label=_("Certificate received on"), required=False, help_text=_("Empty: it is still pending.")
    )

    def __init__(self, *args, currency: str, may_write_off: bool, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "amount", MoneyFormField).currency = currency
        if not may_write_off:
            kinds = [choice for choice in Settlement.Kind.choices if choice[0] != Settlement.Kind.WRITE_OFF]
            field_of(self, "kind", forms.ChoiceField).choices = kinds


class CreditNoteForm(RefusableForm, forms.Form):
    """How much of a statement is taken back, and why."""

    amount = MoneyFormField(label=_("Amount"))
    reason = _reason_field(help_text=_("Printed on the document."))
    issue_date = DayFormField(label=_("Issue date"), required=False, help_text=_("Empty: today."))

    def __init__(self, *args, currency: str, most: Decimal = ZERO, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "amount", MoneyFormField).currency = currency
        self.fields["amount"].help_text = _("At most %(most)s.") % {"most": to_display(most, currency)}
