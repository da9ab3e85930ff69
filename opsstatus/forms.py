"""What the addresses of the job and error lists may ask for; what they do not know counts as not asked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from opsstatus.models import JobRun

EVERY = ("", _("All"))


class Filter(forms.Form):
    """A form whose wrong values narrow nothing."""

    def value_of(self, name: str) -> str:
        self.is_valid()
        return self.cleaned_data.get(name, "")

    @property
    def is_set(self) -> bool:
        return any(self.value_of(name) for name in self.fields)


class RunFilter(Filter):
    """Which runs of which job."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[EVERY, *JobRun.State.choices])
    name = forms.ChoiceField(label=_("Job"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = JobRun.objects.order_by("name").values_list("name", flat=True).distinct()
        self.fields["name"].choices = [EVERY, *((name, name) for name in names)]

    def narrowed(self, runs):
        asked = {name: self.value_of(name) for name in self.fields}
        return runs.filter(**{name: value for name, value in asked.items() if value})


class ErrorFilter(Filter):
    """Open errors, or all of them."""

    show = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("Unresolved")), ("all", _("All"))]
    )

    def narrowed(self, errors):
        return errors if self.value_of("show") == "all" else errors.unresolved()
