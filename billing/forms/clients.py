"""Are the inputs about clients, their contacts and the office well formed? The rules are the services'."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.models import Client, Contact, OfficeProfile
from billing.services.logos import LARGEST, picture_format, store_logo
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import TimeZoneFormField
from billtracker.core.text import comparison_key
from billtracker.core.web.forms import RefusableForm

LONGEST_KEY = Client._meta.get_field("name_key").max_length or 0
MOST_WORDS, LONGEST_WORD = 30, 80


class WordsField(forms.CharField):
    """A few words or names in one text, as a list without repeats."""

    def __init__(self, *, separator: str, **kwargs):
        self.separator = separator
        super().__init__(**{"required": False, "max_length": 4_000, **kwargs})

    def prepare_value(self, value):
        glue = ", " if self.separator == "," else "\n"
        return glue.join(value) if isinstance(value, list) else value

    def clean(self, value):
        text = super().clean(value)
        words = [" ".join(word.split()) for word in text.replace(self.separator, "\n").splitlines()]
        words = list({comparison_key(word): word for word in words if word}.values())
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            raise ValidationError(_("At most 30, of 80 characters each."))
        return words

    def has_changed(self, initial, data):
        return (initial or []) != self.clean(data)


class LogoForm(RefusableForm, forms.ModelForm):
    """A row with a logo: a new one, or none any more."""

    new_logo = forms.FileField(
        label=_("Logo"),
        required=False,
        allow_empty_file=True,
        help_text=_("A PNG or JPEG picture of at most %(size)d kB. Documents already issued keep theirs.")
        % {"size": LARGEST // 1024},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    has_no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["has_no_logo"]

    def clean_new_logo(self):
        """Return the picture's bytes, None without one."""
        file = self.cleaned_data["new_logo"]
        if file is None:
            return None
        # A large file is refused before it is read into memory.
        content = file.read(LARGEST + 1)
        try:
            picture_format(content)
        except DomainError as error:
            raise ValidationError(error.sentence) from None
        return content

    def build(self):
        """Return the row as the form says, its new logo stored, the row itself not saved."""
        if content := self.cleaned_data["new_logo"]:
            self.instance.logo = store_logo(content)
        elif self.cleaned_data.get("has_no_logo"):
            self.instance.logo = ""
        return self.instance


class ClientForm(LogoForm):
    """A client."""

    tags = WordsField(label=_("Tags"), separator=",", help_text=_("Words with commas between them."))
    aliases = WordsField(
        label=_("Also known as"),
        separator="\n",
        help_text=_("Other names it pays under, one a line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Client
        fields = (
            "name", "tax_number", "address", "group", "terms_days", "currency", "tags", "aliases",
            "header_note", "is_active",
        )  # fmt: skip
        labels = {"terms_days": _("Terms in days"), "is_active": _("Active")}
        help_texts = {
            "group": _("A label to sort and filter by. Who may pay for whom is a payer group."),
            "is_active": _("The retainer cycle bills active clients only."),
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if not comparison_key(name) or len(comparison_key(name)) > LONGEST_KEY:
            raise ValidationError(_("This cannot be compared with other names; write it another way."))
        others = Client.objects.named(name).exclude(pk=self.instance.pk)
        if other := others.first():
            raise ValidationError(_("There is a client of this name: %(name)s.") % {"name": other.name})
        return name


class ContactForm(RefusableForm, forms.ModelForm):
    """A person at the client."""

    class Meta:
        model = Contact
        fields = ("name", "role", "email", "phone", "is_billing_recipient")
        labels = {"email": _("E-mail"), "is_billing_recipient": _("Gets the client's documents")}
        help_texts = {"is_billing_recipient": ""}

    def clean(self):
        data = super().clean() or {}
        if data.get("is_billing_recipient") and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Who gets documents needs an e-mail address."))
        return data


KEPT_LIMITS = ("rounding_step", "charge_share")


class OfficeForm(LogoForm):
    """Who the office is."""

    class Meta:
        model = OfficeProfile
        fields = (
            "name", "address", "tax_number", "bank_lines", "signatories", "terms", "footer", "currency",
            "terms_days", "time_zone", "rounding_step", "charge_share", "shows_account",
            "requires_second_person",
        )  # fmt: skip
        labels = {
            "bank_lines": _("How to pay"),
            "terms_days": _("Terms in days"),
            "currency": _("Currency of new clients"),
            "shows_account": _("Print the prior balance"),
            "rounding_step": _("Largest rounding difference"),
            "charge_share": _("Bank charges without approval, in percent"),
            "requires_second_person": _("Require a second person: the writer or submitter can't issue"),
        }
        help_texts = {
            "rounding_step": _(
                "In the currency's smallest amounts, once for each statement; 1 is 0.01 in most."
            ),
            "charge_share": _(
                "Of a statement's total; beyond it a reason and an Admin or Reviewer are needed."
            ),
            "bank_lines": _("Banks and wallets, one line each."),
            "time_zone": _("Decides when a day and a year begin. Type a city, such as Manila."),
            "shows_account": _(
                "On each statement from now on: what was owed before, how late it is, and both together."
            ),
            "requires_second_person": _(
                "Turn off only if you work alone: each use of that is marked in the audit log."
            ),
        }
        # Left out or empty: they stay as they are.
        keeps = ("rounding_step", "charge_share")
        widgets = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "bank_lines": forms.Textarea(attrs={"rows": 3}),
            "signatories": forms.Textarea(attrs={"rows": 2}),
            "terms": forms.Textarea(attrs={"rows": 3}),
        }
        field_classes = {"time_zone": TimeZoneFormField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in KEPT_LIMITS:
            self.fields[name].required = False

    def clean(self):
        data = super().clean() or {}
        # Left out or empty, a limit stays as it is.
        for name in KEPT_LIMITS:
            if name not in self.errors and data.get(name) is None:
                data[name] = getattr(self.instance, name)
        return data
