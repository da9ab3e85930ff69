"""Are the inputs about payer groups well formed? The rules are the services'."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Client, PayerGroup
from billing.reports.clients import ClientFilters, clients_shown
from billing.services.payer_groups import LONGEST_NAME
from billtracker.core.web.forms import RefusableForm, field_of

MOST_FOUND = 20  # clients that one search adds to the list
SEARCH = "search"  # the button that looks for clients and saves nothing


class MembersField(forms.ModelMultipleChoiceField):
    """Clients to tick; one of another group says so."""

    own_group: int | None = None

    def label_from_instance(self, obj: Client) -> str:
        if obj.payer_group is None or obj.payer_group_id == self.own_group:
            return obj.name
        return _("%(client)s (in %(group)s)") % {"client": obj.name, "group": obj.payer_group}


class PayerGroupForm(RefusableForm, forms.Form):
    """A payer group: its name, its clients, and the words that find more of them."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    members = MembersField(
        Client.objects.none(),
        label=_("Clients that may pay for each other"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    query = forms.CharField(
        label=_("Find more clients"),
        required=False,
        max_length=100,
        help_text=_("By name, tax number or e-mail. What is found is added to the list, to be ticked."),
    )

    def __init__(self, data=None, *, group: PayerGroup):
        had = list(group.members.values_list("pk", flat=True)) if group.pk else []
        searches = bool(data) and SEARCH in data
        if searches:
            initial = {"name": data.get("name", ""), "members": _numbers(data.getlist("members"))}
            initial["query"] = data.get("query", "")
        else:
            initial = {"name": group.name, "members": had}
        super().__init__(None if searches else data, initial=initial)
        ticked = _numbers(data.getlist("members")) if data else []
        found = _find(initial["query"]) if searches else []
        field = field_of(self, "members", MembersField)
        field.queryset = Client.objects.filter(pk__in={*had, *ticked, *found}).select_related("payer_group")
        field.own_group = group.pk
        self.is_search, self.found_count = searches, len(found)


def _numbers(values: Iterable[str]) -> list[int]:
    """Return those of the values that can be a client's id."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= 18]


def _find(words: str) -> list[int]:
    """Return the first clients that fit the words, inactive ones too: they may still owe. One query."""
    if not words.strip():
        return []
    shown = clients_shown(ClientFilters(query=words.strip()[:100], show="all"))
    return list(shown.values_list("pk", flat=True)[:MOST_FOUND])
