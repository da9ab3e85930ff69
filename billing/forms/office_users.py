"""Are the inputs about the office's users well formed? The rules are the services'."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.rules.policy import OfficeRole
from billtracker.core.web.forms import RefusableForm


class RolesForm(RefusableForm, forms.Form):
    """The office's roles of somebody; none takes them out of the office."""

    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        choices=[(role.value, role.value) for role in OfficeRole],
        coerce=OfficeRole,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AddUserForm(RolesForm):
    """Somebody who has an account, and their roles."""

    login = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        help_text=_("Of an account that is there. Administrators of the server create accounts."),
    )
    field_order = ("login", "roles")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].required = True
