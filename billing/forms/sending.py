"""To whom is a document sent? Shape only; the rules are the services'."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from billing.models import Client
from billtracker.core.web.forms import RefusableForm


class SendForm(RefusableForm, forms.Form):
    """The client's billing recipients, ticked, and other addresses."""

    recipients = forms.MultipleChoiceField(
        label=_("Billing recipients"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label=_("Other addresses"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, or with commas between them."),
    )

    def __init__(self, *args, client: Client, **kwargs):
        super().__init__(*args, **kwargs)
        people = client.contacts.billing_recipients()
        choices = [(person.email, f"{person.name}, {person.email}") for person in people]
        fields: dict[str, Any] = self.fields
        fields["recipients"].choices = choices
        fields["recipients"].initial = [email for email, _label in choices]
        if not choices:
            del self.fields["recipients"]

    def clean_others(self) -> list[str]:
        words = self.cleaned_data["others"].replace(",", "\n").replace(";", "\n").splitlines()
        addresses = [word.strip() for word in words if word.strip()]
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(
                    _("%(text)s is no mail address."), params={"text": address[:80]}
                ) from None
        return addresses

    def clean(self):
        data = super().clean() or {}
        if not self.errors and not self.addresses:
            self.add_error("others", ValidationError(_("Tick somebody, or write an address.")))
        return data

    @property
    def addresses(self) -> list[str]:
        return [*self.cleaned_data.get("recipients", []), *self.cleaned_data.get("others", [])]
