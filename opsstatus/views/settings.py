"""The settings page: a form for each section, and the way back to environment or default."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from billtracker.accounts.access.administrators import administrator_required
from billtracker.core.settings.runtime_settings import found_all
from billtracker.core.settings.specs import GROUPS, SPECS
from billtracker.core.web.pages import get_or_post, say
from opsstatus import services
from opsstatus.forms.settings import SectionForm


@sensitive_post_parameters()
@get_or_post
@never_cache
@administrator_required
def settings(request: HttpRequest) -> HttpResponse:
    """Show every setting with where it comes from; a POST saves what was changed in one section."""
    found = found_all()
    forms = {group: SectionForm(group, found) for group in GROUPS}
    if request.method == "POST":
        group = request.POST.get("section", "")
        if group not in GROUPS:
            raise Http404
        forms[group] = form = SectionForm(group, found, request.POST)
        if form.is_valid():
            count = services.save_settings(actor=request.user, values=form.changes())
            say(request, _saved_words(count))
            return redirect(f"{reverse('opsstatus:settings')}#{group}")
    wrong = any(form.errors for form in forms.values())
    return render(request, "opsstatus/settings.html", {"forms": forms.values()}, status=422 if wrong else 200)


def _saved_words(count: int) -> str:
    """Say how many settings were saved."""
    words = ngettext(
        "%(n)d setting is saved and counts from now on.",
        "%(n)d settings are saved and count from now on.",
        count,
    )
    return words % {"n": count} if count else _("Nothing was changed.")


@require_POST
@administrator_required
def setting_clear(request: HttpRequest, name: str) -> HttpResponse:
    """Forget one saved value."""
    if name not in SPECS:
        raise Http404
    spec = SPECS[name]
    services.clear_setting(actor=request.user, name=name)
    words = _("%(setting)s: the saved value is gone.")
    say(request, words % {"setting": spec.title})
    return redirect(f"{reverse('opsstatus:settings')}#{spec.group}")
