"""What the addresses of the job and error lists may ask for; what they do not know counts as not asked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billtracker.core.web.forms import FilterForm, field_of
from opsstatus.models import JobRun

EVERY = ("", _("All"))


class RunFilter(FilterForm):
    """Which runs of which job."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[EVERY, *JobRun.State.choices])
    name = forms.ChoiceField(label=_("Job"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = JobRun.objects.order_by("name").values_list("name", flat=True).distinct()
        field_of(self, "name", forms.ChoiceField).choices = [EVERY, *((name, name) for name in names)]

    def apply_to(self, runs):
        asked = {name: self.value_of(name) for name in self.fields}
        return runs.filter(**{name: value for name, value in asked.items() if value})


class ErrorFilter(FilterForm):
    """Open errors, or all of them."""

    show = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("Unresolved")), ("all", _("All"))]
    )

    def apply_to(self, errors):
        return errors if self.value_of("show") == "all" else errors.unresolved()
